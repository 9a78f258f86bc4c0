"""PyTorch on a CUDA card, f32 with TF32 off: the same work as kernels/bench/webgpu.ts, under the same names.

    python3 kernels/bench/peers/torch_cuda.py OUT.json

Times are medians of five batches by CUDA events after 0.2 s of warming up, in milliseconds: eager, and for what a compiler can fuse also through
torch.compile, last, because compiling takes longer than all else. OUT.json is written anew after each, so that a run that is cut off loses none.
"""
import json
import math
import os
import statistics
import sys
import time

import torch
import torch.nn as nn
import torch.nn.functional as F

torch.backends.cuda.matmul.allow_tf32 = False
torch.backends.cudnn.allow_tf32 = False
dev = 'cuda'
ms = {}
compiled = {}


def timed(name, f, batch=None, warm=0.2, into=ms):
    f()
    torch.cuda.synchronize()
    start = time.time()
    f()
    torch.cuda.synchronize()
    n = batch or max(1, min(100, round(0.02 / max(time.time() - start, 1e-5))))
    end = time.time() + warm
    while time.time() < end:
        for _ in range(n):
            f()
        torch.cuda.synchronize()
    times = []
    for _ in range(5):
        a, b = torch.cuda.Event(enable_timing=True), torch.cuda.Event(enable_timing=True)
        a.record()
        for _ in range(n):
            f()
        b.record()
        torch.cuda.synchronize()
        times.append(a.elapsed_time(b) / n)
    into[name] = statistics.median(times)
    print(f'{name:44} {into[name]:.4f} ms{" compiled" if into is compiled else ""}', flush=True)
    with open(sys.argv[1] + '.part', 'w') as out:
        json.dump({'torch': torch.__version__, 'cuda': torch.version.cuda, 'card': torch.cuda.get_device_name(), 'ms': ms, 'compiled': compiled}, out, indent=1)
    os.replace(sys.argv[1] + '.part', sys.argv[1])


def rand(*shape):
    return torch.rand(*shape, device=dev) * 2 - 1


fusable = []


def fuses(name, f, inputs):
    """Eager now, compiled at the end."""
    with torch.no_grad():
        timed(f'{name} fwd', lambda: f(*inputs))
    timed(f'{name} fwd+bwd', grads(lambda: f(*inputs), [x for x in inputs if x.requires_grad]))
    fusable.append((name, f, inputs))


def grads(f, inputs):
    """Forward and backward, gradients freshly written."""
    out = f()
    g = torch.rand_like(out)

    def run():
        for x in inputs:
            x.grad = None
        f().backward(g)

    return run


for M, N, K, kind in [(4096, 4096, 4096, 'NN'), (4096, 4096, 4096, 'NT'), (4096, 4096, 4096, 'TN'), (16384, 2048, 1024, 'NT'),
                      (16384, 1024, 2048, 'NN'), (16384, 64, 1024, 'NT'), (16384, 1024, 64, 'NT'), (8192, 1024, 256, 'NT'),
                      (1024, 512, 16384, 'TN'), (64, 1024, 16384, 'TN')]:
    A = rand(K, M).t() if kind[0] == 'T' else rand(M, K)
    B = rand(N, K).t() if kind[1] == 'T' else rand(K, N)
    C = torch.empty(M, N, device=dev)
    timed(f'matmul {M}x{N} K{K} {kind}', lambda: torch.mm(A, B, out=C))

# float16 inputs and results, sums in float32: what Strand's mixed precision is held against. Strand also rounds its float32 inputs.
for M, N, K, kind in [(4096, 4096, 4096, 'NN'), (4096, 4096, 4096, 'NT'), (4096, 4096, 4096, 'TN'), (16384, 2048, 1024, 'NT'),
                      (8192, 1024, 256, 'NT'), (1024, 512, 16384, 'TN')]:
    A = (rand(K, M).half().t() if kind[0] == 'T' else rand(M, K).half())
    B = (rand(N, K).half().t() if kind[1] == 'T' else rand(K, N).half())
    C = torch.empty(M, N, device=dev, dtype=torch.half)
    timed(f'matmul {M}x{N} K{K} {kind} float16', lambda: torch.mm(A, B, out=C))

fuses('conv1d+SiLU B8 L2048 D1024 k4', lambda x, w, b: F.silu(F.conv1d(x, w, b, padding=3, groups=1024)[..., :2048]),
      [rand(8, 1024, 2048).requires_grad_(), rand(1024, 1, 4).requires_grad_(), rand(1024).requires_grad_()])
fuses('RMSNorm 16384x512', lambda x, w: F.rms_norm(x, (512,), w, 1e-5), [rand(16384, 512).requires_grad_(), rand(512).requires_grad_()])
fuses('LayerNorm 16384x512', lambda x, w, b: F.layer_norm(x, (512,), w, b, 1e-5),
      [rand(16384, 512).requires_grad_(), rand(512).requires_grad_(), rand(512).requires_grad_()])
fuses('GELU 16384x2048', lambda x: F.gelu(x), [(rand(16384, 2048) * 3).requires_grad_()])
fuses('SwiGLU 16384x1408', lambda x, z: x * F.silu(z), [rand(16384, 1408).requires_grad_(), rand(16384, 1408).requires_grad_()])

for B, L, H, window in [(8, 2048, 8, 0), (8, 2048, 8, 256), (16, 512, 4, 0)]:
    q, k, v = (rand(B, H, L, 64).requires_grad_() for _ in range(3))
    place = torch.arange(L, device=dev)
    far = place[:, None] - place
    seen = (far >= 0) & (far < window) if window else None
    att = lambda: F.scaled_dot_product_attention(q, k, v, attn_mask=seen, is_causal=not window)
    name = f'attention B{B} L{L} {H} heads of 64 causal' + (f', window {window}' if window else '')
    with torch.no_grad():
        timed(f'{name} fwd', att)
    timed(f'{name} fwd+bwd', grads(att, [q, k, v]))

# The cells without the product with their inputs: input_size 1 leaves next to nothing of it.
for kind, B, L, H in [(nn.LSTM, 32, 256, 128), (nn.LSTM, 16, 1024, 768), (nn.GRU, 32, 256, 256)]:
    cell = kind(1, H, batch_first=True).to(dev)
    x = rand(B, L, 1).requires_grad_()
    run = lambda: cell(x)[0]
    name = f'{kind.__name__} B{B} L{L} dense {H}'
    with torch.no_grad():
        timed(f'{name} fwd', run)
    timed(f'{name} fwd+bwd', grads(run, [x, *cell.parameters()]))


def long_convolution(u, k, D):
    n = 2 * u.shape[-1]
    return torch.fft.irfft(torch.fft.rfft(u, n=n) * torch.fft.rfft(k, n=n), n=n)[..., : u.shape[-1]] + D[:, None] * u


def s4d(u, log_dt, log_A_real, C, D, A_imag):
    """S4D's own kernel (a Vandermonde product) and convolution."""
    A = torch.complex(-log_A_real.exp(), A_imag)
    dtA = A * log_dt.exp()[:, None]
    C = torch.view_as_complex(C) * (dtA.exp() - 1) / A
    k = 2 * torch.einsum('hn,hnl->hl', C, torch.exp(dtA[..., None] * torch.arange(u.shape[-1], device=dev))).real
    return long_convolution(u, k, D)


for B, L, D in [(8, 4096, 256), (8, 16384, 256)]:
    u, k, d = rand(B, D, L).requires_grad_(), rand(D, L).requires_grad_(), rand(D).requires_grad_()
    conv = lambda: long_convolution(u, k, d)
    name = f'long convolution B{B} L{L} D{D}'
    with torch.no_grad():
        timed(f'{name} fwd', conv)
    timed(f'{name} fwd+bwd', grads(conv, [u, k, d]))
for B, L, D, N in [(8, 16384, 256, 32), (16, 1024, 256, 32)]:
    u = rand(B, D, L).requires_grad_()
    p = [x.requires_grad_() for x in (rand(D) * 2.3 - 4.6, torch.full((D, N), math.log(0.5), device=dev), rand(D, N, 2), rand(D),
                                      math.pi * torch.arange(N, device=dev).float().repeat(D, 1))]
    run = lambda: s4d(u, *p)
    name = f'S4D B{B} L{L} D{D} {N} complex states'
    with torch.no_grad():
        timed(f'{name} fwd', run)
    timed(f'{name} fwd+bwd', grads(run, [u, *p]))
    del u, p, run
x, w = rand(16384, 12, 64).requires_grad_(), rand(12, 64, 64).requires_grad_()
heads = lambda: torch.einsum('rhd,hod->rho', x, w)
with torch.no_grad():
    timed('block-diagonal map 16384 rows, 12 heads of 64 fwd', heads)
timed('block-diagonal map 16384 rows, 12 heads of 64 fwd+bwd', grads(heads, [x, w]))

for R, V in [(16384, 256), (4096, 32000)]:
    fuses(f'cross-entropy {R}x{V}', lambda x, t: F.cross_entropy(x, t), [(rand(R, V) * 3).requires_grad_(), torch.randint(0, V, (R,), device=dev)])

ids, w = torch.randint(0, 256, (16384,), device=dev), rand(256, 512).requires_grad_()
emb = lambda: F.embedding(ids, w)
with torch.no_grad():
    timed('embedding 16384 of 256x512 fwd', emb)
timed('embedding 16384 of 256x512 fwd+bwd', grads(emb, [w]))

p = [rand(50_000_000).requires_grad_()]
p[0].grad = rand(50_000_000)
opt = torch.optim.AdamW(p, lr=1e-4, fused=True)


def adamw():
    nn.utils.clip_grad_norm_(p, 1.0)
    opt.step()


timed('AdamW with clipping 50 M', adamw)
del x, w, p, opt


def scan(u, dt, A, Bm, Cm, D, z):
    """Eager selective scan over time: states kept as (B, D, N), inputs unbound once."""
    dA = torch.exp(dt.unsqueeze(-1) * A)
    dBu = (dt * u).unsqueeze(-1) * Bm.unsqueeze(2)
    h = torch.zeros_like(dBu[:, 0])
    ys = []
    for a, x, c in zip(dA.unbind(1), dBu.unbind(1), Cm.unbind(1)):
        h = a * h + x
        ys.append((h * c.unsqueeze(1)).sum(-1))
    return (torch.stack(ys, 1) + u * D) * F.silu(z)


class Mamba(nn.Module):
    def __init__(self, d, N=16, k=4, expand=2):
        super().__init__()
        self.di, self.N, self.r = expand * d, N, math.ceil(d / 16)
        self.norm = nn.RMSNorm(d, eps=1e-5)
        self.in_proj = nn.Linear(d, 2 * self.di, bias=False)
        self.conv = nn.Conv1d(self.di, self.di, k, groups=self.di, padding=k - 1)
        self.x_proj = nn.Linear(self.di, self.r + 2 * N, bias=False)
        self.dt_proj = nn.Linear(self.r, self.di)
        nn.init.constant_(self.dt_proj.bias, -4.6)
        self.A_log = nn.Parameter(torch.log(torch.arange(1, N + 1).float()).repeat(self.di, 1))
        self.D = nn.Parameter(torch.ones(self.di))
        self.out_proj = nn.Linear(self.di, d, bias=False)

    def forward(self, x):
        L = x.shape[1]
        u, z = self.in_proj(self.norm(x)).chunk(2, -1)
        u = F.silu(self.conv(u.transpose(1, 2))[..., :L]).transpose(1, 2)
        dt, Bm, Cm = self.x_proj(u).split([self.r, self.N, self.N], -1)
        y = scan(u, F.softplus(self.dt_proj(dt)), -torch.exp(self.A_log), Bm, Cm, self.D, z)
        return x + self.out_proj(y)


class Block(nn.Module):
    """Pre-norm residual around a mixer; an MLP after it where asked."""

    def __init__(self, d, mixer, mlp):
        super().__init__()
        self.norm, self.mixer = nn.LayerNorm(d), mixer
        self.mlp = nn.Sequential(nn.LayerNorm(d), nn.Linear(d, 4 * d), nn.GELU(), nn.Linear(4 * d, d)) if mlp else None

    def forward(self, x):
        x = x + self.mixer(self.norm(x))
        return x + self.mlp(x) if self.mlp else x


class Attention(nn.Module):
    def __init__(self, d, heads=4):
        super().__init__()
        self.heads, self.qkv, self.out = heads, nn.Linear(d, 3 * d), nn.Linear(d, d)

    def forward(self, x):
        B, L, d = x.shape
        q, k, v = (y.view(B, L, self.heads, -1).transpose(1, 2) for y in self.qkv(x).chunk(3, -1))
        return self.out(F.scaled_dot_product_attention(q, k, v, is_causal=True).transpose(1, 2).reshape(B, L, d))


class LSTM(nn.Module):
    def __init__(self, d):
        super().__init__()
        self.cell = nn.LSTM(d, d, batch_first=True)

    def forward(self, x):
        return self.cell(x)[0]


class S4D(nn.Module):
    def __init__(self, d, N=32):
        super().__init__()
        self.log_dt = nn.Parameter(torch.rand(d) * 4.6 - 6.9)
        self.log_A_real = nn.Parameter(torch.full((d, N), math.log(0.5)))
        self.A_imag = nn.Parameter(math.pi * torch.arange(N).float().repeat(d, 1))
        self.C, self.D, self.out = nn.Parameter(torch.randn(d, N, 2)), nn.Parameter(torch.randn(d)), nn.Linear(d, 2 * d)

    def forward(self, x):
        y = s4d(x.transpose(1, 2), self.log_dt, self.log_A_real, self.C, self.D, self.A_imag)
        return F.glu(self.out(F.gelu(y).transpose(1, 2)), -1)


def step(name, blocks, d, V, B, L, compile=False):
    torch.manual_seed(0)
    model = nn.Sequential(nn.Embedding(V, d), *blocks, nn.RMSNorm(d, eps=1e-5), nn.Linear(d, V, bias=False)).to(dev)
    if compile:
        model = torch.compile(model)
    opt = torch.optim.AdamW(model.parameters(), lr=1e-3, betas=(0.9, 0.99), weight_decay=0.1, fused=True)
    ids = torch.randint(0, V, (B, L + 1), device=dev)

    def run():
        opt.zero_grad(set_to_none=True)
        loss = F.cross_entropy(model(ids[:, :-1]).flatten(0, 1), ids[:, 1:].flatten())
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        opt.step()

    torch.cuda.reset_peak_memory_stats()
    timed(name, run, batch=1, warm=0, into=compiled if compile else ms)
    print(f'  peak memory {torch.cuda.max_memory_allocated() / 2**20:.0f} MiB')


step('Mamba step 4 layers d128 B8 L256 V65', [Mamba(128) for _ in range(4)], 128, 65, 8, 256)
for family, blocks in {
    'transformer': [Block(256, Attention(256), True) for _ in range(6)],
    'LSTM': [Block(256, LSTM(256), False) for _ in range(6)],
    'S4D': [Block(256, S4D(256), False) for _ in range(6)],
    'Mamba': [Mamba(256) for _ in range(6)],
}.items():
    step(f'{family} step 6 layers d256 B16 L1024 V256', blocks, 256, 256, 16, 1024)

for name, f, inputs in fusable:
    fast = torch.compile(f)
    with torch.no_grad():
        timed(f'{name} fwd', lambda: fast(*inputs), into=compiled)
    timed(f'{name} fwd+bwd', grads(lambda: fast(*inputs), [x for x in inputs if x.requires_grad]), into=compiled)
step('transformer step 6 layers d256 B16 L1024 V256', [Block(256, Attention(256), True) for _ in range(6)], 256, 256, 16, 1024, compile=True)

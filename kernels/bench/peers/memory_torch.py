"""PyTorch peer of the matrix-memory rows of the CPU benchmark: SSD (Mamba-2) and mLSTM with their gradients, and training steps of both.

Speaks as mamba_torch.py does. SSD is chunkwise with batched products and autograd, chunks of 64; mLSTM is the stabilised parallel form (the
fastest in PyTorch at these lengths). "dense" projects to q, k and v with whole matrices instead of blocks of 4: more work, fewer calls.
"""
import math
import sys

from peer import serve  # before torch: it sets up threads and heap
import torch
import torch.nn as nn
import torch.nn.functional as F

BATCH, SEQLEN, VOCAB, D_MODEL, LAYERS, HEADS, D_CONV, D_STATE, CHUNK = 8, 256, 65, 128, 4, 4, 4, 128, 64
D_INNER = 2 * D_MODEL


def ssd(x, dt, A, B, C):
    """x (b, L, H, P), dt (b, L, H), A (H), B and C (b, L, N), one group -> y (b, L, H, P)."""
    b, L, H, P = x.shape
    N, n = B.shape[-1], L // CHUNK
    x = x.view(b, n, CHUNK, H, P).permute(0, 1, 3, 2, 4)
    dt = dt.view(b, n, CHUNK, H).transpose(2, 3)
    B, C = B.view(b, n, 1, CHUNK, N), C.view(b, n, 1, CHUNK, N)
    cum = torch.cumsum(dt * A[:, None], -1)
    causal = torch.ones(CHUNK, CHUNK, dtype=torch.bool).tril()
    decay = torch.exp((cum.unsqueeze(-1) - cum.unsqueeze(-2)).masked_fill(~causal, -math.inf))
    xdt = x * dt.unsqueeze(-1)
    y = torch.matmul(torch.matmul(C, B.transpose(-1, -2)) * decay, xdt)
    added = torch.matmul(B.transpose(-1, -2), xdt * torch.exp(cum[..., -1:] - cum).unsqueeze(-1))
    S, states = torch.zeros_like(added[:, 0]), []
    for a, last in zip(added.unbind(1), torch.exp(cum[..., -1]).unbind(1)):
        states.append(S)
        S = last[..., None, None] * S + a
    y = y + torch.matmul(C, torch.stack(states, 1)) * torch.exp(cum).unsqueeze(-1)
    return y.permute(0, 1, 3, 2, 4).reshape(b, L, H, P)


def ssd_loop(x, dt, A, B, C):
    S, ys = x.new_zeros(x.shape[0], x.shape[2], x.shape[3], B.shape[-1]), []
    for t in range(x.shape[1]):
        S = torch.exp(dt[:, t] * A)[..., None, None] * S + (dt[:, t, :, None] * x[:, t])[..., None] * B[:, t, None, None]
        ys.append((S * C[:, t, None, None]).sum(-1))
    return torch.stack(ys, 1)


def mlstm(q, k, v, i, f):
    """q, k, v (b, H, L, d), i, f (b, H, L) -> (b, H, L, d). D_ts = sum of log f over (s, t] + i_s, stabilised by its row maximum."""
    L, d = q.shape[2:]
    cum = torch.cumsum(F.logsigmoid(f), -1)
    causal = torch.ones(L, L, dtype=torch.bool).tril()
    D = (cum.unsqueeze(-1) - cum.unsqueeze(-2) + i.unsqueeze(-2)).masked_fill(~causal, -math.inf)
    m = D.max(-1, keepdim=True).values
    S = torch.matmul(q, k.transpose(-1, -2) * d ** -0.5) * torch.exp(D - m)
    return torch.matmul(S / torch.maximum(S.sum(-1, keepdim=True).abs(), torch.exp(-m)), v)


def mlstm_loop(q, k, v, i, f):
    C, n, m, ys = q.new_zeros(*q.shape[:2], q.shape[-1], v.shape[-1]), torch.zeros_like(q[:, :, 0]), torch.zeros_like(i[..., 0]), []
    lf, k = F.logsigmoid(f), k * q.shape[-1] ** -0.5
    for t in range(q.shape[2]):
        before = lf[..., t] + m
        m = torch.maximum(before, i[..., t])
        kept, added = torch.exp(before - m), torch.exp(i[..., t] - m)
        C = kept[..., None, None] * C + (added[..., None] * k[:, :, t])[..., None] * v[:, :, t, None]
        n = kept[..., None] * n + added[..., None] * k[:, :, t]
        ys.append((C * q[:, :, t, :, None]).sum(2) / torch.maximum((n * q[:, :, t]).sum(-1).abs(), torch.exp(-m))[..., None])
    return torch.stack(ys, 2)


class RMSNorm(nn.Module):
    def __init__(self, d):
        super().__init__()
        self.weight = nn.Parameter(torch.ones(d))

    def forward(self, x):
        return x * torch.rsqrt(x.pow(2).mean(-1, keepdim=True) + 1e-5) * self.weight


class CausalConv(nn.Module):
    """Shifted multiply-adds: faster on a CPU than conv1d with groups."""

    def __init__(self, d):
        super().__init__()
        self.weight, self.bias = nn.Parameter(torch.randn(D_CONV, d) * D_CONV ** -0.5), nn.Parameter(torch.zeros(d))

    def forward(self, x):
        L, pad = x.shape[1], F.pad(x, (0, 0, D_CONV - 1, 0))
        return F.silu(self.bias + sum(pad[:, k : k + L] * self.weight[k] for k in range(D_CONV)))


class Mamba2(nn.Module):
    def __init__(self):
        super().__init__()
        self.widths = [D_INNER, D_INNER + 2 * D_STATE, HEADS]
        self.in_proj, self.conv = nn.Linear(D_MODEL, sum(self.widths), bias=False), CausalConv(self.widths[1])
        self.A_log, self.D = nn.Parameter(torch.log(1 + 15 * torch.rand(HEADS))), nn.Parameter(torch.ones(HEADS))
        dt = torch.exp(torch.rand(HEADS) * (math.log(1e-1) - math.log(1e-3)) + math.log(1e-3))
        self.dt_bias = nn.Parameter(dt + torch.log(-torch.expm1(-dt)))
        self.norm, self.out_proj = RMSNorm(D_INNER), nn.Linear(D_INNER, D_MODEL, bias=False)

    def forward(self, x):
        z, xBC, dt = self.in_proj(x).split(self.widths, -1)
        u, B, C = self.conv(xBC).split([D_INNER, D_STATE, D_STATE], -1)
        u = u.reshape(*u.shape[:2], HEADS, -1)
        y = ssd(u, F.softplus(dt + self.dt_bias), -torch.exp(self.A_log), B, C) + self.D[:, None] * u
        return self.out_proj(self.norm(y.flatten(2) * F.silu(z)))


class Blocks(nn.Module):
    """Block-diagonal projection, blocks of 4."""

    def __init__(self, d):
        super().__init__()
        self.weight = nn.Parameter(torch.randn(d // 4, 4, 4) * (2 / (5 * D_MODEL)) ** 0.5)

    def forward(self, x):
        heads = x.reshape(-1, x.shape[-1] // 4, 4).transpose(0, 1)
        return torch.bmm(heads, self.weight.transpose(1, 2)).transpose(0, 1).reshape(x.shape)


class MLstm(nn.Module):
    def __init__(self, project):
        super().__init__()
        self.up, self.down, self.conv = nn.Linear(D_MODEL, 2 * D_INNER, bias=False), nn.Linear(D_INNER, D_MODEL, bias=False), CausalConv(D_INNER)
        self.q, self.k, self.v = project(D_INNER), project(D_INNER), project(D_INNER)
        self.gates, self.norm, self.skip = nn.Linear(3 * D_INNER, 2 * HEADS), nn.Parameter(torch.ones(D_INNER)), nn.Parameter(torch.ones(D_INNER))
        with torch.no_grad():
            self.gates.weight.zero_()
            self.gates.bias.copy_(torch.cat([0.1 * torch.randn(HEADS), torch.linspace(3.0, 6.0, HEADS)]))

    def forward(self, x):
        B, L, _ = x.shape
        u, z = self.up(x).chunk(2, -1)
        c = self.conv(u)
        q, k, v = self.q(c), self.k(c), self.v(u)
        i, f = self.gates(torch.cat([q, k, v], -1)).transpose(1, 2).chunk(2, 1)
        heads = lambda t: t.view(B, L, HEADS, -1).transpose(1, 2)
        h = mlstm(heads(q), heads(k), heads(v), i, f).transpose(1, 2)
        h = F.layer_norm(h, h.shape[-1:]).reshape(B, L, D_INNER) * self.norm
        return self.down((h + self.skip * c) * F.silu(z))


class LanguageModel(nn.Module):
    def __init__(self, make, norm):
        super().__init__()
        self.embedding = nn.Embedding(VOCAB, D_MODEL)
        nn.init.normal_(self.embedding.weight, std=0.02)
        self.norms, self.blocks = nn.ModuleList(norm(D_MODEL) for _ in range(LAYERS)), nn.ModuleList(make() for _ in range(LAYERS))
        self.norm_f, self.head = norm(D_MODEL), nn.Linear(D_MODEL, VOCAB, bias=False)

    def forward(self, ids):
        x = self.embedding(ids)
        for norm, block in zip(self.norms, self.blocks):
            x = x + block(norm(x))
        return self.head(self.norm_f(x))


ids, targets = torch.randint(VOCAB, (BATCH, SEQLEN)), torch.randint(VOCAB, (BATCH, SEQLEN))


def stepper(make, norm):
    torch.manual_seed(0)
    model = LanguageModel(make, norm)
    optimizer = torch.optim.AdamW(model.parameters(), lr=1e-3, weight_decay=0.1)

    def step():
        loss = F.cross_entropy(model(ids).flatten(0, 1), targets.flatten())
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        return loss.item()

    return step


def ssd_inputs(b, L, H, P, N):
    inputs = torch.randn(b, L, H, P), torch.rand(b, L, H) * 0.1, -(1 + 15 * torch.rand(H)), torch.randn(b, L, N), torch.randn(b, L, N)
    return [t.requires_grad_() for t in inputs]


def mlstm_inputs(b, H, L, d):
    return [t.requires_grad_() for t in (*(torch.randn(b, H, L, d) for _ in range(3)), torch.randn(b, H, L), 3 + torch.randn(b, H, L))]


def backward(function, inputs):
    for t in inputs:
        t.grad = None
    function(*inputs).sum().backward()


if sys.argv[1:] == ["check"]:
    torch.set_default_dtype(torch.float64)
    torch.manual_seed(1)
    for name, pair, inputs in (("ssd", (ssd, ssd_loop), ssd_inputs(2, 128, 2, 3, 5)), ("mlstm", (mlstm, mlstm_loop), mlstm_inputs(2, 2, 21, 4))):
        cotangent = torch.randn(pair[0](*inputs).shape)
        grads = [torch.autograd.grad((f(*inputs) * cotangent).sum(), inputs) for f in pair]
        print(name, max(((p - q).norm() / q.norm()).item() for p, q in zip(*grads)))
    sys.exit()
of_ssd, of_mlstm = ssd_inputs(1, 512, 4, 64, 64), mlstm_inputs(1, 4, 512, 64)
WORK = {
    "ssd": lambda: backward(ssd, of_ssd),
    "mlstm": lambda: backward(mlstm, of_mlstm),
    "mamba2_step": stepper(Mamba2, RMSNorm),
    "mlstm_step": stepper(lambda: MLstm(Blocks), nn.LayerNorm),
    "mlstm_dense_step": stepper(lambda: MLstm(lambda d: nn.Linear(d, d, bias=False)), nn.LayerNorm),
}
serve(WORK)

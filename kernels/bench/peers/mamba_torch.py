"""PyTorch peer of the CPU benchmark: the training step of a Mamba language model, a matmul, and the selective scan.

Speaks lines of JSON on stdin and stdout: {"what": "step" | "matmul" | "scan_loop" | "scan_custom", "n": repetitions} ->
{"ms": [one time per repetition], "cpu": [processor time of all threads], ...}. Plain eager PyTorch at its best on a CPU: the scan has a hand-written backward with in-place
steps (an autograd loop over time costs more), the convolution is shifted multiply-adds (faster than conv1d with groups), the heap is
kept, denormals are flushed. "scan_loop" is the usual autograd loop over unbound time steps.
"""
import math

from peer import serve  # before torch: it sets up threads and heap
import torch
import torch.nn as nn
import torch.nn.functional as F

BATCH, SEQLEN, VOCAB, D_MODEL, LAYERS, D_STATE, D_CONV = 8, 256, 65, 128, 4, 16, 4
D_INNER, DT_RANK = 2 * D_MODEL, math.ceil(D_MODEL / 16)


class Scan(torch.autograd.Function):
    """h_t = exp(dt_t A) h_{t-1} + dt_t u_t B_t, y_t = <C_t, h_t>. Time-major, all states kept for the backward."""

    @staticmethod
    def forward(ctx, u, dt, A, B, C):
        batch, L, D = u.shape
        N = A.shape[1]
        a = torch.exp(dt.transpose(0, 1).contiguous().unsqueeze(-1) * A)
        h = (dt * u).transpose(0, 1).contiguous().unsqueeze(-1) * B.transpose(0, 1).contiguous().unsqueeze(2)
        for t in range(1, L):
            h[t].addcmul_(a[t], h[t - 1])
        y = torch.matmul(h.view(L * batch, D, N), C.transpose(0, 1).reshape(L * batch, N, 1)).view(L, batch, D).transpose(0, 1)
        ctx.save_for_backward(u, dt, A, B, C, a, h)
        return y

    @staticmethod
    def backward(ctx, gy):
        u, dt, A, B, C, a, h = ctx.saved_tensors
        L, batch, D, N = h.shape
        g = gy.transpose(0, 1).contiguous().unsqueeze(-1) * C.transpose(0, 1).contiguous().unsqueeze(2)
        for t in range(L - 2, -1, -1):
            g[t].addcmul_(a[t + 1], g[t + 1])
        flat = g.view(L * batch, D, N)
        gC = torch.matmul(gy.transpose(0, 1).reshape(L * batch, 1, D), h.view(L * batch, D, N)).view(L, batch, N).transpose(0, 1)
        gB = torch.matmul((dt * u).transpose(0, 1).reshape(L * batch, 1, D), flat).view(L, batch, N).transpose(0, 1)
        gdu = torch.matmul(flat, B.transpose(0, 1).reshape(L * batch, N, 1)).view(L, batch, D).transpose(0, 1)
        ga = g[1:].mul_(a[1:]).mul_(h[:-1])
        gdt = gdu * u
        gdt[:, 1:] += (ga * A).sum(-1).transpose(0, 1)
        gA = (ga * dt.transpose(0, 1)[1:].unsqueeze(-1)).sum((0, 1))
        return gdu * dt, gdt, gA, gB, gC


def scan_loop(u, dt, A, B, C):
    a, b = torch.exp(dt.unsqueeze(-1) * A), (dt * u).unsqueeze(-1) * B.unsqueeze(2)
    h, ys = torch.zeros_like(a[:, 0]), []
    for a_t, b_t, c_t in zip(a.unbind(1), b.unbind(1), C.unbind(1)):
        h = a_t * h + b_t
        ys.append(torch.bmm(h, c_t.unsqueeze(-1)).squeeze(-1))
    return torch.stack(ys, 1)


class RMSNorm(nn.Module):
    def __init__(self, d):
        super().__init__()
        self.weight = nn.Parameter(torch.ones(d))

    def forward(self, x):
        return x * torch.rsqrt(x.pow(2).mean(-1, keepdim=True) + 1e-5) * self.weight


class Mamba(nn.Module):
    def __init__(self):
        super().__init__()
        self.in_proj = nn.Linear(D_MODEL, 2 * D_INNER, bias=False)
        self.conv1d = nn.Conv1d(D_INNER, D_INNER, D_CONV, groups=D_INNER)
        self.x_proj = nn.Linear(D_INNER, DT_RANK + 2 * D_STATE, bias=False)
        self.dt_proj = nn.Linear(DT_RANK, D_INNER)
        self.A_log = nn.Parameter(torch.log(torch.arange(1, D_STATE + 1, dtype=torch.float32)).repeat(D_INNER, 1))
        self.D = nn.Parameter(torch.ones(D_INNER))
        self.out_proj = nn.Linear(D_INNER, D_MODEL, bias=False)
        dt = torch.exp(torch.rand(D_INNER) * (math.log(1e-1) - math.log(1e-3)) + math.log(1e-3))
        with torch.no_grad():
            self.dt_proj.bias.copy_(dt + torch.log(-torch.expm1(-dt)))

    def forward(self, x):
        L = x.shape[1]
        u, z = self.in_proj(x).chunk(2, -1)
        w, pad = self.conv1d.weight[:, 0], F.pad(u, (0, 0, D_CONV - 1, 0))
        u = F.silu(self.conv1d.bias + sum(pad[:, k : k + L] * w[:, k] for k in range(D_CONV)))
        dt, B, C = self.x_proj(u).split([DT_RANK, D_STATE, D_STATE], -1)
        y = Scan.apply(u, F.softplus(self.dt_proj(dt)), -torch.exp(self.A_log), B, C) + u * self.D
        return self.out_proj(y * F.silu(z))


class LanguageModel(nn.Module):
    def __init__(self):
        super().__init__()
        self.embedding = nn.Embedding(VOCAB, D_MODEL)
        nn.init.normal_(self.embedding.weight, std=0.02)
        self.norms = nn.ModuleList(RMSNorm(D_MODEL) for _ in range(LAYERS))
        self.blocks = nn.ModuleList(Mamba() for _ in range(LAYERS))
        self.norm_f, self.head = RMSNorm(D_MODEL), nn.Linear(D_MODEL, VOCAB, bias=False)

    def forward(self, ids):
        x = self.embedding(ids)
        for norm, block in zip(self.norms, self.blocks):
            x = x + block(norm(x))
        return self.head(self.norm_f(x))


torch.manual_seed(0)
model = LanguageModel()
optimizer = torch.optim.AdamW(model.parameters(), lr=1e-3, weight_decay=0.1)
ids, targets = torch.randint(VOCAB, (BATCH, SEQLEN)), torch.randint(VOCAB, (BATCH, SEQLEN))
square = [torch.randn(1024, 1024) for _ in range(2)]
scan_inputs = [
    t.requires_grad_()
    for t in (
        torch.randn(BATCH, SEQLEN, D_INNER),
        torch.rand(BATCH, SEQLEN, D_INNER) * 0.1,
        -torch.rand(D_INNER, D_STATE) * 16,
        torch.randn(BATCH, SEQLEN, D_STATE),
        torch.randn(BATCH, SEQLEN, D_STATE),
    )
]


def step():
    loss = F.cross_entropy(model(ids).flatten(0, 1), targets.flatten())
    optimizer.zero_grad(set_to_none=True)
    loss.backward()
    torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
    optimizer.step()
    return loss.item()


def scan(function):
    for t in scan_inputs:
        t.grad = None
    function(*scan_inputs).sum().backward()


WORK = {
    "step": step,
    "matmul": lambda: torch.matmul(*square),
    "scan_loop": lambda: scan(scan_loop),
    "scan_custom": lambda: scan(Scan.apply),
}
parameters = sum(p.numel() for p in model.parameters())
serve(WORK, parameters)

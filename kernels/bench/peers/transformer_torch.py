"""PyTorch peer of the transformer rows of the CPU benchmark: causal attention, LayerNorm, GELU, and a training step of a pre-norm transformer.

Speaks as mamba_torch.py does. Attention is written out (two products and a softmax on heads side by side, the mask added as a number), which
is what torch 1.13 has. The training step has rotary positions as Strand's model has; "learned" has a table of positions instead, which
costs next to nothing, so it is the least a PyTorch transformer of this size can take.
"""
from peer import serve  # before torch: it sets up threads and heap
import torch
import torch.nn as nn
import torch.nn.functional as F

BATCH, SEQLEN, VOCAB, D_MODEL, LAYERS, HEADS = 8, 256, 65, 128, 4, 4
DH = D_MODEL // HEADS
MASK = torch.full((SEQLEN, SEQLEN), float("-inf")).triu(1)
ANGLE = torch.arange(SEQLEN)[:, None] * 10000 ** (-torch.arange(0, DH, 2) / DH)
COS, SIN = ANGLE.cos(), ANGLE.sin()


def attend(q, k, v):
    """q, k, v (B H, L, dh) -> the same."""
    return torch.bmm(torch.softmax(torch.baddbmm(MASK, q, k.transpose(1, 2), alpha=DH ** -0.5), -1), v)


def turned(x):
    a, b = x.chunk(2, -1)
    return torch.cat([a * COS - b * SIN, b * COS + a * SIN], -1)


class Attention(nn.Module):
    def __init__(self, rotary):
        super().__init__()
        self.rotary, self.in_proj, self.out_proj = rotary, nn.Linear(D_MODEL, 3 * D_MODEL), nn.Linear(D_MODEL, D_MODEL)

    def forward(self, x):
        q, k, v = (t.reshape(BATCH, SEQLEN, HEADS, DH).transpose(1, 2).reshape(-1, SEQLEN, DH) for t in self.in_proj(x).chunk(3, -1))
        if self.rotary:
            q, k = turned(q), turned(k)
        y = attend(q, k, v).view(BATCH, HEADS, SEQLEN, DH).transpose(1, 2).reshape(BATCH, SEQLEN, D_MODEL)
        return self.out_proj(y)


class Mlp(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc1, self.fc2 = nn.Linear(D_MODEL, 4 * D_MODEL), nn.Linear(4 * D_MODEL, D_MODEL)

    def forward(self, x):
        return self.fc2(F.gelu(self.fc1(x)))


class Transformer(nn.Module):
    def __init__(self, rotary):
        super().__init__()
        self.embedding = nn.Embedding(VOCAB, D_MODEL)
        nn.init.normal_(self.embedding.weight, std=0.02)
        self.positions = None if rotary else nn.Parameter(torch.zeros(SEQLEN, D_MODEL))
        self.parts = nn.ModuleList(f() for _ in range(LAYERS) for f in (lambda: Attention(rotary), Mlp))
        self.norms = nn.ModuleList(nn.LayerNorm(D_MODEL) for _ in self.parts)
        self.norm_f, self.head = nn.LayerNorm(D_MODEL), nn.Linear(D_MODEL, VOCAB, bias=False)

    def forward(self, ids):
        x = self.embedding(ids)
        if self.positions is not None:
            x = x + self.positions
        for norm, part in zip(self.norms, self.parts):
            x = x + part(norm(x))
        return self.head(self.norm_f(x))


ids, targets = torch.randint(VOCAB, (BATCH, SEQLEN)), torch.randint(VOCAB, (BATCH, SEQLEN))


def stepper(rotary):
    torch.manual_seed(0)
    model = Transformer(rotary)
    optimizer = torch.optim.AdamW(model.parameters(), lr=1e-3, weight_decay=0.1)

    def step():
        loss = F.cross_entropy(model(ids).flatten(0, 1), targets.flatten())
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        return loss.item()

    return step


def both(function, *shapes):
    inputs = [torch.rand(shape).mul_(2).sub_(1).requires_grad_() for shape in shapes]
    cotangent = torch.rand_like(function(*inputs))

    def run():
        torch.autograd.grad(function(*inputs), inputs, cotangent)

    return run


heads = (BATCH * HEADS, SEQLEN, DH)
WORK = {
    "attention": both(attend, heads, heads, heads),
    "layer_norm": both(lambda x, w, b: F.layer_norm(x, (D_MODEL,), w, b), (BATCH * SEQLEN, D_MODEL), (D_MODEL,), (D_MODEL,)),
    "gelu": both(F.gelu, (BATCH * SEQLEN, 4 * D_MODEL)),
    "step": stepper(True),
    "learned_step": stepper(False),
}
serve(WORK)

"""PyTorch peer of the recurrent rows of the CPU benchmark: the sLSTM cell, and training steps of sLSTM blocks, LSTM and GRU stacks.

Speaks as mamba_torch.py does. Two sLSTM cells: "custom" has its backward pass written out by hand, time-major, over saved gates, with in-place
steps and dR as one product after the loop; "loop" is autograd over unbound time steps. LSTM and GRU are torch.nn's own, one layer a block,
with the same pre-norm residual around them as Strand's.
"""
import sys

from peer import serve  # before torch: it sets up threads and heap
import torch
import torch.nn as nn
import torch.nn.functional as F

BATCH, SEQLEN, VOCAB, D_MODEL, LAYERS, HEADS, D_CONV = 8, 256, 65, 128, 4, 4, 4


class SLstmCustom(torch.autograd.Function):
    """wx (L, H, B, 4 dh) gate after gate, R (H, dh, 4 dh) -> h (L, H, B, dh). With a = i'/n, r = f' n_{t-1}/n and u = c/n:
    u_t = r u_{t-1} + a z, h = o u; the gradient of the stabiliser cancels."""

    @staticmethod
    def forward(ctx, wx, R):
        L, H, B, G = wx.shape
        dh = G // 4
        gates, h = torch.empty_like(wx), wx.new_empty(L, H, B, dh)
        keep, cell = torch.empty_like(h), torch.empty_like(h)
        c = n = m = None
        for t in range(L):
            pre = wx[t] if t == 0 else torch.baddbmm(wx[t], h[t - 1], R)
            i, f, z, o = pre.split(dh, -1)
            z, o = torch.tanh(z), torch.sigmoid(o)
            if t == 0:
                c, n, m = z, torch.ones_like(z), i
                a, r = torch.ones_like(z), torch.zeros_like(z)
            else:
                kept = F.logsigmoid(f).add_(m)
                m = torch.maximum(kept, i)
                a, held = (i - m).exp_(), kept.sub_(m).exp_()
                c = torch.addcmul(held * c, a, z)
                held = held.mul_(n)
                n = held + a
                a, r = a.div_(n), held.div_(n)
            torch.div(c, n, out=cell[t])
            torch.mul(cell[t], o, out=h[t])
            keep[t] = r
            g = gates[t]
            g[..., :dh], g[..., dh:2 * dh], g[..., 2 * dh:3 * dh], g[..., 3 * dh:] = a, torch.sigmoid(-f), z, o
        ctx.save_for_backward(R, gates, keep, cell, h)
        return h

    @staticmethod
    def backward(ctx, dh_all):
        R, gates, keep, cell, h = ctx.saved_tensors
        L, H, B, dh = h.shape
        Rt = R.transpose(1, 2).contiguous()
        a, s, z, o = gates.split(dh, -1)
        before = torch.cat([torch.zeros_like(cell[:1]), cell[:-1]])
        # What does not depend on the walk, for all steps at once.
        za, zt, ot = (z - before).mul_(a), (1 - z * z).mul_(a), cell * o * (1 - o)
        rs = keep * s
        dwx = torch.empty_like(gates)
        e, l = torch.zeros_like(h[0]), torch.zeros_like(h[0])
        g = dh_all[L - 1]
        for t in range(L - 1, -1, -1):
            e.addcmul_(g, o[t])
            w = e * za[t]
            l.sub_(w)
            d = dwx[t]
            torch.addcmul(w, l, a[t], out=d[..., :dh])
            torch.mul(l, rs[t], out=d[..., dh:2 * dh])
            torch.mul(e, zt[t], out=d[..., 2 * dh:3 * dh])
            torch.mul(g, ot[t], out=d[..., 3 * dh:])
            e.mul_(keep[t])
            l.mul_(keep[t])
            if t:
                g = torch.baddbmm(dh_all[t - 1], d, Rt)
        left = h[:-1].permute(1, 3, 0, 2).reshape(H, dh, (L - 1) * B)
        right = dwx[1:].permute(1, 0, 2, 3).reshape(H, (L - 1) * B, 4 * dh)
        return dwx, torch.bmm(left, right)


def slstm_loop(wx, R):
    dh = wx.shape[-1] // 4
    h = c = n = m = None
    hs = []
    for x in wx.unbind(0):
        i, f, z, o = (x if h is None else torch.baddbmm(x, h, R)).split(dh, -1)
        if h is None:
            c, n, m = torch.tanh(z), torch.ones_like(z), i
        else:
            kept = F.logsigmoid(f) + m
            m = torch.maximum(kept, i)
            ip, fp = torch.exp(i - m), torch.exp(kept - m)
            c, n = fp * c + ip * torch.tanh(z), fp * n + ip
        h = torch.sigmoid(o) * c / n
        hs.append(h)
    return torch.stack(hs)


class SLstm(nn.Module):
    def __init__(self, cell):
        super().__init__()
        self.cell, dh = cell, D_MODEL // HEADS
        self.conv1d = nn.Conv1d(D_MODEL, D_MODEL, D_CONV, groups=D_MODEL)
        self.gates = nn.Parameter(torch.randn(4, HEADS, dh, dh) * (2 / (5 * D_MODEL)) ** 0.5)
        self.R, self.bias = nn.Parameter(torch.zeros(HEADS, dh, 4 * dh)), nn.Parameter(torch.zeros(HEADS, 1, 4 * dh))
        self.norm = nn.Parameter(torch.ones(D_MODEL))

    def forward(self, x):
        B, L, D = x.shape
        dh = D // HEADS
        w, pad = self.conv1d.weight[:, 0], F.pad(x, (0, 0, D_CONV - 1, 0))
        c = F.silu(self.conv1d.bias + sum(pad[:, k : k + L] * w[:, k] for k in range(D_CONV)))
        heads = lambda v: v.view(B, L, HEADS, dh).permute(2, 1, 0, 3).reshape(HEADS, L * B, dh)
        # Two products, one for the gates that read the convolution and one for those that read the input.
        both = [torch.bmm(heads(v), torch.cat([self.gates[g], self.gates[g + 1]], 2)) for v, g in ((c, 0), (x, 2))]
        wx = (torch.cat(both, -1) + self.bias).view(HEADS, L, B, 4 * dh).transpose(0, 1).contiguous()
        h = self.cell(wx, self.R).permute(2, 0, 1, 3)
        return F.layer_norm(h, (dh,)).reshape(B, L, D) * self.norm


class Rnn(nn.Module):
    def __init__(self, kind):
        super().__init__()
        self.rnn = kind(D_MODEL, D_MODEL, batch_first=True)

    def forward(self, x):
        return self.rnn(x)[0]


class GatedMlp(nn.Module):
    def __init__(self):
        super().__init__()
        inner = 16 * -(-D_MODEL * 4 // (3 * 16))
        self.fc1, self.fc2 = nn.Linear(D_MODEL, 2 * inner, bias=False), nn.Linear(inner, D_MODEL, bias=False)

    def forward(self, x):
        value, gate = self.fc1(x).chunk(2, -1)
        # Debian's torch 1.13 has wrong gradients of gelu where the input is not contiguous.
        return self.fc2(value * F.gelu(gate.contiguous()))


class LanguageModel(nn.Module):
    def __init__(self, make, mlp):
        super().__init__()
        self.embedding = nn.Embedding(VOCAB, D_MODEL)
        nn.init.normal_(self.embedding.weight, std=0.02)
        parts = [f for _ in range(LAYERS) for f in ([make, GatedMlp] if mlp else [make])]
        self.parts, self.norms = nn.ModuleList(f() for f in parts), nn.ModuleList(nn.LayerNorm(D_MODEL) for _ in parts)
        self.norm_f, self.head = nn.LayerNorm(D_MODEL), nn.Linear(D_MODEL, VOCAB, bias=False)

    def forward(self, ids):
        x = self.embedding(ids)
        for norm, part in zip(self.norms, self.parts):
            x = x + part(norm(x))
        return self.head(self.norm_f(x))


ids, targets = torch.randint(VOCAB, (BATCH, SEQLEN)), torch.randint(VOCAB, (BATCH, SEQLEN))


def stepper(make, mlp=False):
    torch.manual_seed(0)
    model = LanguageModel(make, mlp)
    optimizer = torch.optim.AdamW(model.parameters(), lr=1e-3, weight_decay=0.1)

    def step():
        loss = F.cross_entropy(model(ids).flatten(0, 1), targets.flatten())
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        return loss.item()

    return step


cell_inputs = [torch.randn(SEQLEN, 4, BATCH, 4 * 64).requires_grad_(), (torch.rand(4, 64, 4 * 64) * 0.2 - 0.1).requires_grad_()]


def cell(function):
    for t in cell_inputs:
        t.grad = None
    function(*cell_inputs).sum().backward()


if sys.argv[1:] == ["check"]:
    torch.manual_seed(1)
    small = [torch.randn(19, 2, 3, 4 * 5).double().requires_grad_(), torch.randn(2, 5, 4 * 5).double().requires_grad_()]
    cotangent = torch.randn(19, 2, 3, 5).double()
    grads = [torch.autograd.grad((f(*small) * cotangent).sum(), small) for f in (SLstmCustom.apply, slstm_loop)]
    print(max(((p - q).norm() / q.norm()).item() for p, q in zip(*grads)))
    sys.exit()
WORK = {
    "slstm_custom": lambda: cell(SLstmCustom.apply),
    "slstm_loop": lambda: cell(slstm_loop),
    "slstm_step": stepper(lambda: SLstm(SLstmCustom.apply), True),
    "slstm_loop_step": stepper(lambda: SLstm(slstm_loop), True),
    "lstm_step": stepper(lambda: Rnn(nn.LSTM)),
    "gru_step": stepper(lambda: Rnn(nn.GRU)),
}
serve(WORK)

"""PyTorch peer of the state-space rows of the CPU benchmark: S4D's and a long convolution by real Fourier transforms, training steps of S4D and S4.

Speaks as mamba_torch.py does. S4D's kernel is one complex exponential per mode and lag, as in state-spaces/s4 models/s4/s4d.py. S4's is the paper's
Cauchy sums at the roots of unity with the rank-one term by Woodbury (arXiv:2111.00396, algorithm 1), in plain complex tensors.
"""
import math

from peer import serve  # before torch: it sets up threads and heap
import torch
import torch.nn as nn
import torch.nn.functional as F

BATCH, SEQLEN, VOCAB, D_MODEL, LAYERS, D_STATE = 8, 256, 65, 128, 4, 64


def log_dt(h):
    return torch.rand(h) * (math.log(1e-1) - math.log(1e-3)) + math.log(1e-3)


def convolve(u, k, D):
    """u (B, H, L), k (H, L)."""
    L = u.shape[-1]
    return torch.fft.irfft(torch.fft.rfft(u, n=2 * L) * torch.fft.rfft(k, n=2 * L), n=2 * L)[..., :L] + u * D[:, None]


class S4DKernel(nn.Module):
    def __init__(self, h, n=D_STATE // 2):
        super().__init__()
        self.log_dt, self.C = nn.Parameter(log_dt(h)), nn.Parameter(torch.randn(h, n, 2) * 0.5 ** 0.5)
        self.log_A_real, self.A_imag = nn.Parameter(torch.full((h, n), math.log(0.5))), nn.Parameter(math.pi * torch.arange(n).float().repeat(h, 1))

    def forward(self, L):
        dt, A = self.log_dt.exp()[:, None], torch.complex(-self.log_A_real.exp(), self.A_imag)
        dtA = dt * A
        C = torch.view_as_complex(self.C) * (torch.exp(dtA) - 1) / A
        return 2 * torch.einsum("hn,hnl->hl", C, torch.exp(dtA[..., None] * torch.arange(L))).real


class S4Kernel(nn.Module):
    def __init__(self, h, n=D_STATE // 2):
        super().__init__()
        self.log_dt, self.log_A_real = nn.Parameter(log_dt(h)), nn.Parameter(torch.full((h, n), math.log(0.5)))
        self.A_imag = nn.Parameter(math.pi * torch.arange(n).float().repeat(h, 1))
        self.B, self.C, self.P = (nn.Parameter(torch.randn(h, n, 2) * 0.5 ** 0.5) for _ in range(3))

    def forward(self, L):
        dt, Lambda = self.log_dt.exp()[:, None], torch.complex(-self.log_A_real.exp(), -self.A_imag)
        B, C, P = (torch.view_as_complex(p) for p in (self.B, self.C, self.P))
        z = torch.exp(-2j * math.pi * (torch.arange(L // 2 + 1) / L))
        z[-1] = z[-1] * (1 + 1e-3)  # −1 itself is a limit; the time of a step does not depend on how it is taken
        g = 2 / dt * (1 - z) / (1 + z)
        near, mirrored = 1 / (g[:, None] - Lambda[..., None]), 1 / (g[:, None] - Lambda.conj()[..., None])
        sums = lambda a, b: ((a * b)[..., None] * near).sum(1) + ((a * b).conj()[..., None] * mirrored).sum(1)
        k = sums(C, B) - sums(C, P) * sums(P.conj(), B) / (1 + sums(P.conj(), P))
        return torch.fft.irfft(2 / (1 + z) * k, n=L)


class Block(nn.Module):
    def __init__(self, kernel):
        super().__init__()
        self.kernel, self.D, self.out = kernel(D_MODEL), nn.Parameter(torch.randn(D_MODEL)), nn.Linear(D_MODEL, 2 * D_MODEL)

    def forward(self, x):
        y = convolve(x.transpose(1, 2), self.kernel(x.shape[1]), self.D).transpose(1, 2).contiguous()
        return F.glu(self.out(F.gelu(y)), -1)


class LanguageModel(nn.Module):
    def __init__(self, kernel):
        super().__init__()
        self.embedding = nn.Embedding(VOCAB, D_MODEL)
        nn.init.normal_(self.embedding.weight, std=0.02)
        self.norms = nn.ModuleList(nn.LayerNorm(D_MODEL) for _ in range(LAYERS))
        self.blocks = nn.ModuleList(Block(kernel) for _ in range(LAYERS))
        self.norm_f, self.head = nn.LayerNorm(D_MODEL), nn.Linear(D_MODEL, VOCAB, bias=False)

    def forward(self, ids):
        x = self.embedding(ids)
        for norm, block in zip(self.norms, self.blocks):
            x = x + block(norm(x))
        return self.head(self.norm_f(x))


torch.manual_seed(0)
ids, targets = torch.randint(VOCAB, (BATCH, SEQLEN)), torch.randint(VOCAB, (BATCH, SEQLEN))
parameters = 0


def training(kernel):
    model = LanguageModel(kernel)
    global parameters
    parameters = sum(p.numel() for p in model.parameters())
    optimizer = torch.optim.AdamW(model.parameters(), lr=1e-3, weight_decay=0.1)

    def step():
        loss = F.cross_entropy(model(ids).flatten(0, 1), targets.flatten())
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        return loss.item()

    return step


def operation(kernel, batch, length, width):
    made = kernel(width)
    u, D = torch.randn(batch, width, length, requires_grad=True), torch.randn(width, requires_grad=True)
    cotangent = torch.randn(batch, width, length)
    leaves = [u, D, *made.parameters()]

    def run():
        torch.autograd.grad((convolve(u, made(length), D) * cotangent).sum(), leaves)

    return run


class Given(nn.Module):
    """A kernel that is a parameter itself."""

    def __init__(self, h):
        super().__init__()
        self.k = nn.Parameter(torch.randn(h, 4096) / 64)

    def forward(self, L):
        return self.k[:, :L]


MAKE = {
    "s4d": lambda: operation(S4DKernel, 2, 4096, 256),
    "fft_conv": lambda: operation(Given, 2, 4096, 256),
    "s4_kernel_conv": lambda: operation(S4Kernel, 1, 4096, 64),
    "s4d_step": lambda: training(S4DKernel),
    "s4_step": lambda: training(S4Kernel),
}


class Made(dict):
    """Work is made when it is first asked for: its tensors are large."""

    def __missing__(self, name):
        self[name] = MAKE[name]()
        return self[name]


serve(Made(), parameters)

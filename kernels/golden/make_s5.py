"""Golden tensors of an S5 block (Smith et al. 2023, arXiv:2208.04933) in plain PyTorch, written from the equations: a loop over time,
autograd for every gradient, float64. Usage: python3 make_s5.py > s5.json"""
import json
import math
import torch

torch.manual_seed(20261124)
torch.set_default_dtype(torch.float64)
B, L, H, N = 2, 45, 6, 8
P = N // 2
p = {
    "seq.Lambda_re": torch.tensor([-0.5, -0.4, 0.3, -0.6]), "seq.Lambda_im": 3 * torch.rand(P) * torch.arange(1, P + 1),
    "seq.B": torch.randn(P, H, 2) / math.sqrt(2 * H), "seq.C": torch.randn(H, P, 2) / math.sqrt(N), "seq.D": torch.randn(H),
    "seq.log_step": torch.rand(P, 1) * (math.log(1e-1) - math.log(1e-3)) + math.log(1e-3),
    "out2.kernel": torch.randn(H, H) * 0.4, "out2.bias": torch.randn(H) * 0.4,
}
# The values travel as float32, so that every backend starts from the same numbers.
p = {k: v.float().double().requires_grad_() for k, v in p.items()}
x = torch.randn(B, L, H).float().double().requires_grad_()

# clip_eigs: one of the real parts above is positive and is held.
Lambda = torch.complex(p["seq.Lambda_re"].clamp(max=-1e-4), p["seq.Lambda_im"])
step = torch.exp(p["seq.log_step"][:, 0])
A = torch.exp(Lambda * step)
Bbar = ((A - 1) / Lambda)[:, None] * torch.view_as_complex(p["seq.B"])
C = torch.view_as_complex(p["seq.C"])
state, ys = torch.zeros(B, P, dtype=A.dtype), []
for t in range(L):
    state = A * state + x[:, t].to(A.dtype) @ Bbar.T
    ys.append(2 * (state @ C.T).real + p["seq.D"] * x[:, t])
y = torch.stack(ys, 1)
y = 0.5 * y * (1 + torch.erf(y / math.sqrt(2)))
out = y * torch.sigmoid(y @ p["out2.kernel"] + p["out2.bias"])
cotangent = torch.randn(out.shape).float().double()
(out * cotangent).sum().backward()

flat = lambda t: t.detach().reshape(-1).tolist()
print(json.dumps({
    "made_by": f"make_s5.py, torch {torch.__version__}, float64",
    "dims": {"batch": B, "seqlen": L, "d_model": H, "state_size": N},
    "params": {k: flat(v) for k, v in p.items()}, "x": flat(x), "cotangent": flat(cotangent),
    "out": flat(out), "state": {"ssm": flat(torch.cat([state.real, state.imag], 1))},
    "grad_x": flat(x.grad), "grads": {k: flat(v.grad) for k, v in p.items()},
}))

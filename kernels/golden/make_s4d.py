"""Golden tensors of an S4D block (Gu et al. 2022, arXiv:2206.11893) in plain PyTorch, written from the equations: the kernel is
evaluated at every lag and convolved as a sum, autograd for every gradient, float64. GELU is spelled out, because the built-in one of
PyTorch 1.13 has wrong gradients for some layouts. Usage: python3 make_s4d.py > s4d.json"""
import json
import math
import torch

torch.manual_seed(20261124)
torch.set_default_dtype(torch.float64)
B, L, H, N = 2, 45, 6, 8
modes = N // 2
p = {
    "D": torch.randn(H), "kernel.C": torch.randn(H, modes, 2) * 0.5 ** 0.5,
    "kernel.log_dt": torch.rand(H) * (math.log(1e-1) - math.log(1e-3)) + math.log(1e-3),
    "kernel.log_A_real": math.log(0.5) + 0.1 * torch.randn(H, modes),
    "kernel.A_imag": math.pi * torch.arange(modes).double().repeat(H, 1) + 0.1 * torch.randn(H, modes),
    "output_linear.0.weight": torch.randn(2 * H, H, 1) * 0.4, "output_linear.0.bias": torch.randn(2 * H) * 0.4,
}
# The values travel as float32, so that every backend starts from the same numbers.
p = {k: v.float().double().requires_grad_() for k, v in p.items()}
x = torch.randn(B, L, H).float().double().requires_grad_()

dt = torch.exp(p["kernel.log_dt"])[:, None]
A = torch.complex(-torch.exp(p["kernel.log_A_real"]), p["kernel.A_imag"])
C = torch.view_as_complex(p["kernel.C"]) * (torch.exp(dt * A) - 1) / A
powers = torch.exp((dt * A)[..., None] * torch.arange(L))  # (H, modes, L)
K = 2 * torch.einsum("hn,hnl->hl", C, powers).real
lag = torch.arange(L)[:, None] - torch.arange(L)
y = torch.einsum("hts,bsh->bth", torch.where(lag >= 0, K[:, lag.clamp(min=0)], torch.zeros(())), x) + p["D"] * x
y = 0.5 * y * (1 + torch.erf(y / math.sqrt(2)))
value, gate = (y @ p["output_linear.0.weight"][..., 0].T + p["output_linear.0.bias"]).chunk(2, -1)
out = value * torch.sigmoid(gate)
cotangent = torch.randn(out.shape).float().double()
(out * cotangent).sum().backward()
state = torch.einsum("hns,bsh->bhn", powers.flip(-1), x.to(powers.dtype))

flat = lambda t: t.detach().reshape(-1).tolist()
print(json.dumps({
    "made_by": f"make_s4d.py, torch {torch.__version__}, float64",
    "dims": {"batch": B, "seqlen": L, "d_model": H, "d_state": N},
    "params": {k: flat(v) for k, v in p.items()}, "x": flat(x), "cotangent": flat(cotangent),
    "out": flat(out), "state": {"ssm": flat(torch.view_as_real(state))},
    "grad_x": flat(x.grad), "grads": {k: flat(v.grad) for k, v in p.items()},
}))

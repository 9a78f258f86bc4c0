"""Golden tensors of an S4 block with DPLR state spaces in the stable form A = Λ − P P* (Gu et al. 2022, arXiv:2111.00396; Goel et al. 2022,
arXiv:2202.09729, §4.1) in plain PyTorch: the dense complex A, its bilinear transform by a matrix inverse, the kernel by naive powers, the
convolution as a sum, autograd for every gradient, float64. Usage: python3 make_s4.py > s4.json"""
import json
import math
import torch

torch.manual_seed(20261124)
torch.set_default_dtype(torch.float64)
B, L, H, N = 2, 45, 4, 8
modes = N // 2
p = {
    "layer.D": torch.randn(1, H), "layer.kernel.inv_dt": torch.rand(H, 1) * (math.log(1e-1) - math.log(1e-3)) + math.log(1e-3),
    "layer.kernel.A_real": math.log(0.5) + 0.1 * torch.randn(H, modes),
    "layer.kernel.A_imag": math.pi * torch.arange(modes).double().repeat(H, 1) + 0.5 * torch.rand(H, modes),
    "layer.kernel.B": torch.randn(1, H, modes, 2), "layer.kernel.C": torch.randn(1, H, modes, 2), "layer.kernel.P": torch.randn(1, H, modes, 2),
    "output_linear.0.weight": torch.randn(2 * H, H) * 0.4, "output_linear.0.bias": torch.randn(2 * H) * 0.4,
}
# The values travel as float32, so that every backend starts from the same numbers.
p = {k: v.float().double().requires_grad_() for k, v in p.items()}
x = torch.randn(B, L, H).float().double().requires_grad_()

both = lambda v: torch.cat([v, v.conj()], -1)
Lambda = both(torch.complex(-torch.exp(p["layer.kernel.A_real"]), -p["layer.kernel.A_imag"]))
Bc, C, P = (both(torch.view_as_complex(p[f"layer.kernel.{name}"])[0]) for name in "BCP")
dt = torch.exp(p["layer.kernel.inv_dt"])[..., None]
A = torch.diag_embed(Lambda) - P[..., :, None] * P[..., None, :].conj()
eye = torch.eye(N).to(A.dtype)
inverse = torch.linalg.inv(eye - dt / 2 * A)
Abar, Bbar = inverse @ (eye + dt / 2 * A), (inverse @ (dt * Bc[..., None]))[..., 0]
states = [Bbar]
for _ in range(L - 1):
    states.append((Abar @ states[-1][..., None])[..., 0])
powers = torch.stack(states, -1)  # (H, N, L)
K = torch.einsum("hn,hnl->hl", C, powers).real
lag = torch.arange(L)[:, None] - torch.arange(L)
y = torch.einsum("hts,bsh->bth", torch.where(lag >= 0, K[:, lag.clamp(min=0)], torch.zeros(())), x) + p["layer.D"] * x
y = 0.5 * y * (1 + torch.erf(y / math.sqrt(2)))
value, gate = (y @ p["output_linear.0.weight"].T + p["output_linear.0.bias"]).chunk(2, -1)
out = value * torch.sigmoid(gate)
cotangent = torch.randn(out.shape).float().double()
(out * cotangent).sum().backward()
state = torch.einsum("hns,bsh->bhn", powers.flip(-1), x.to(powers.dtype))[..., :modes]

flat = lambda t: t.detach().reshape(-1).tolist()
print(json.dumps({
    "made_by": f"make_s4.py, torch {torch.__version__}, float64",
    "dims": {"batch": B, "seqlen": L, "d_model": H, "d_state": N},
    "params": {k: flat(v) for k, v in p.items()}, "x": flat(x), "cotangent": flat(cotangent),
    "out": flat(out), "state": {"ssm": flat(torch.view_as_real(state.contiguous()))},
    "grad_x": flat(x.grad), "grads": {k: flat(v.grad) for k, v in p.items()},
}))

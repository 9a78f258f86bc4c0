"""Golden tensors of an H3 layer (Fu et al. 2023, arXiv:2212.14052, §3.1) in plain PyTorch, written from the equations: both memories as loops
over time, autograd for every gradient, float64. Usage: python3 make_h3.py > h3.json"""
import json
import math
import torch

torch.manual_seed(20261124)
torch.set_default_dtype(torch.float64)
B, L, H, N, S = 2, 23, 6, 8, 3
modes = N // 2
p = {f"{n}.{w}": 0.4 * torch.randn(*((H, H) if w == "weight" else (H,))) for n in ("q_proj", "k_proj", "v_proj", "output_linear") for w in ("weight", "bias")}
p |= {
    "ssm_k_kernel.C": torch.randn(S, H), "ssm_k_D": torch.randn(H), "kernel.C": torch.randn(H, modes, 2) * 0.5 ** 0.5,
    "kernel.log_dt": torch.rand(H) * (math.log(1e-1) - math.log(1e-3)) + math.log(1e-3),
    "kernel.log_A_real": math.log(0.5) + 0.1 * torch.randn(H, modes),
    "kernel.A_imag": math.pi * torch.arange(modes).double().repeat(H, 1) + 0.1 * torch.randn(H, modes), "D": torch.randn(H),
}
# The values travel as float32, so that every backend starts from the same numbers.
p = {k: v.float().double().requires_grad_() for k, v in p.items()}
x = torch.randn(B, L, H).float().double().requires_grad_()

q, k, v = (x @ p[f"{n}_proj.weight"].T + p[f"{n}_proj.bias"] for n in "qkv")
dt = torch.exp(p["kernel.log_dt"])[:, None]
A = torch.complex(-torch.exp(p["kernel.log_A_real"]), p["kernel.A_imag"])
C = torch.view_as_complex(p["kernel.C"]) * (torch.exp(dt * A) - 1) / A
state, ys = torch.zeros(B, H, modes, dtype=A.dtype), []
for t in range(L):
    key = p["ssm_k_D"] * k[:, t] + sum(p["ssm_k_kernel.C"][s] * k[:, t - s] for s in range(min(S, t + 1)))
    kv = key * v[:, t]
    state = torch.exp(dt * A) * state + kv[..., None]
    ys.append(q[:, t] * (2 * (C * state).sum(-1).real + p["D"] * kv))
out = torch.stack(ys, 1) @ p["output_linear.weight"].T + p["output_linear.bias"]
cotangent = torch.randn(out.shape).float().double()
(out * cotangent).sum().backward()

flat = lambda t: t.detach().reshape(-1).tolist()
print(json.dumps({
    "made_by": f"make_h3.py, torch {torch.__version__}, float64",
    "dims": {"batch": B, "seqlen": L, "d_model": H, "d_state": N, "d_shift": S},
    "params": {k: flat(v) for k, v in p.items()}, "x": flat(x), "cotangent": flat(cotangent),
    "out": flat(out), "state": {"ssm": flat(torch.view_as_real(state)), "keys": flat(k[:, L - (S - 1):].reshape(B, -1))},
    "grad_x": flat(x.grad), "grads": {k: flat(v.grad) for k, v in p.items()},
}))

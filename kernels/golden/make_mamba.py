"""Golden tensors of a Mamba block (Gu & Dao 2023, arXiv:2312.00752) in plain PyTorch, written from the equations: a loop over time, autograd
for every gradient, float64. Usage: python3 make_mamba.py > mamba.json   (torch 1.13 or newer; the file says which made it)"""
import json
import math
import torch
import torch.nn.functional as F

torch.manual_seed(20261124)
torch.set_default_dtype(torch.float64)
B, L, d_model, d_state, d_conv, expand = 2, 19, 12, 5, 4, 2
d_inner, dt_rank = expand * d_model, math.ceil(d_model / 16)

shapes = {
    "in_proj.weight": (2 * d_inner, d_model), "conv1d.weight": (d_inner, 1, d_conv), "conv1d.bias": (d_inner,),
    "x_proj.weight": (dt_rank + 2 * d_state, d_inner), "dt_proj.weight": (d_inner, dt_rank), "dt_proj.bias": (d_inner,),
    "A_log": (d_inner, d_state), "D": (d_inner,), "out_proj.weight": (d_model, d_inner),
}
p = {name: torch.randn(shape) * 0.4 for name, shape in shapes.items()}
p["A_log"] = torch.log(torch.arange(1, d_state + 1).double()).repeat(d_inner, 1) + 0.1 * torch.randn(d_inner, d_state)
p["dt_proj.bias"] = torch.randn(d_inner) - 2
# The values travel as float32, so that every backend starts from the same numbers.
p = {k: v.float().double().requires_grad_() for k, v in p.items()}
x = torch.randn(B, L, d_model).float().double().requires_grad_()

xz = x @ p["in_proj.weight"].T
u, z = xz[..., :d_inner], xz[..., d_inner:]
padded = F.pad(u, (0, 0, d_conv - 1, 0))
pre = p["conv1d.bias"] + sum(padded[:, k:k + L] * p["conv1d.weight"][:, 0, k] for k in range(d_conv))
v = pre * torch.sigmoid(pre)
dbc = v @ p["x_proj.weight"].T
dt, Bm, Cm = dbc[..., :dt_rank], dbc[..., dt_rank:dt_rank + d_state], dbc[..., dt_rank + d_state:]
delta = F.softplus(dt @ p["dt_proj.weight"].T + p["dt_proj.bias"])
A = -torch.exp(p["A_log"])
h, ys = torch.zeros(B, d_inner, d_state), []
for t in range(L):
    h = torch.exp(delta[:, t, :, None] * A) * h + (delta[:, t] * v[:, t])[..., None] * Bm[:, t, None, :]
    ys.append((h * Cm[:, t, None, :]).sum(-1) + p["D"] * v[:, t])
y = torch.stack(ys, 1) * z * torch.sigmoid(z)
out = y @ p["out_proj.weight"].T
cotangent = torch.randn(out.shape).float().double()
(out * cotangent).sum().backward()

flat = lambda t: t.detach().reshape(-1).tolist()
print(json.dumps({
    "made_by": f"make_mamba.py, torch {torch.__version__}, float64",
    "dims": {"batch": B, "seqlen": L, "d_model": d_model, "d_state": d_state, "d_conv": d_conv, "expand": expand},
    "params": {k: flat(v) for k, v in p.items()}, "x": flat(x), "cotangent": flat(cotangent),
    "out": flat(out), "state": {"ssm": flat(h), "conv": flat(u[:, L - (d_conv - 1):].transpose(1, 2).contiguous())},
    "grad_x": flat(x.grad), "grads": {k: flat(v.grad) for k, v in p.items()},
}))

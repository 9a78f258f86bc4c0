"""Golden tensors of a Mamba-2 block (Dao & Gu 2024, arXiv:2405.21060, fig. 6) in plain PyTorch, written from the equations: a loop over
time, autograd for every gradient, float64. Usage: python3 make_mamba2.py > mamba2.json"""
import json
import torch
import torch.nn.functional as F

torch.manual_seed(20261124)
torch.set_default_dtype(torch.float64)
B, L, d_model, d_state, d_conv, expand, headdim, ngroups = 2, 19, 12, 6, 4, 2, 6, 2
d_inner = expand * d_model
nheads, width = d_inner // headdim, d_inner + 2 * ngroups * d_state

shapes = {
    "in_proj.weight": (d_inner + width + nheads, d_model), "conv1d.weight": (width, 1, d_conv), "conv1d.bias": (width,),
    "dt_bias": (nheads,), "A_log": (nheads,), "D": (nheads,), "norm.weight": (d_inner,), "out_proj.weight": (d_model, d_inner),
}
p = {name: torch.randn(shape) * 0.4 for name, shape in shapes.items()}
p["A_log"] = torch.log(1 + 15 * torch.rand(nheads))
p["dt_bias"] = torch.randn(nheads) - 2
p["norm.weight"] = 1 + 0.2 * torch.randn(d_inner)
# The values travel as float32, so that every backend starts from the same numbers.
p = {k: v.float().double().requires_grad_() for k, v in p.items()}
x = torch.randn(B, L, d_model).float().double().requires_grad_()

z, xBC, dt = torch.split(x @ p["in_proj.weight"].T, [d_inner, width, nheads], -1)
padded = F.pad(xBC, (0, 0, d_conv - 1, 0))
pre = p["conv1d.bias"] + sum(padded[:, k:k + L] * p["conv1d.weight"][:, 0, k] for k in range(d_conv))
u, Bm, Cm = torch.split(pre * torch.sigmoid(pre), [d_inner, ngroups * d_state, ngroups * d_state], -1)
u = u.view(B, L, nheads, headdim)
# Head h reads group h // (nheads / ngroups).
Bm, Cm = (m.view(B, L, ngroups, d_state).repeat_interleave(nheads // ngroups, 2) for m in (Bm, Cm))
delta = F.softplus(dt + p["dt_bias"])
A = -torch.exp(p["A_log"])
h, ys = torch.zeros(B, nheads, headdim, d_state), []
for t in range(L):
    h = torch.exp(delta[:, t] * A)[..., None, None] * h + (delta[:, t, :, None] * u[:, t])[..., None] * Bm[:, t, :, None, :]
    ys.append((h * Cm[:, t, :, None, :]).sum(-1) + p["D"][:, None] * u[:, t])
y = torch.stack(ys, 1).reshape(B, L, d_inner) * z * torch.sigmoid(z)
grouped = y.view(B, L, ngroups, -1)
normed = (grouped * torch.rsqrt(grouped.pow(2).mean(-1, keepdim=True) + 1e-5)).reshape(B, L, d_inner) * p["norm.weight"]
out = normed @ p["out_proj.weight"].T
cotangent = torch.randn(out.shape).float().double()
(out * cotangent).sum().backward()

flat = lambda t: t.detach().reshape(-1).tolist()
print(json.dumps({
    "made_by": f"make_mamba2.py, torch {torch.__version__}, float64",
    "dims": {"batch": B, "seqlen": L, "d_model": d_model, "d_state": d_state, "d_conv": d_conv, "expand": expand, "headdim": headdim, "ngroups": ngroups},
    "params": {k: flat(v) for k, v in p.items()}, "x": flat(x), "cotangent": flat(cotangent),
    "out": flat(out), "state": {"ssm": flat(h), "conv": flat(xBC[:, L - (d_conv - 1):].transpose(1, 2).contiguous())},
    "grad_x": flat(x.grad), "grads": {k: flat(v.grad) for k, v in p.items()},
}))

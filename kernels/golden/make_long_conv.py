"""Golden tensors of a long convolution layer (Fu et al. 2023, arXiv:2302.06646, §3) in plain PyTorch, written from the equations: a sum over
past positions at each one, autograd for every gradient, float64. Usage: python3 make_long_conv.py > long_conv.json"""
import json
import torch
import torch.nn.functional as F

torch.manual_seed(20261125)
torch.set_default_dtype(torch.float64)
B, L, H, K, LAM = 2, 23, 6, 17, 0.05
p = {
    "D": torch.randn(1, H), "kernel.kernel": 0.2 * torch.randn(1, H, K),
    "output_linear.0.weight": 0.4 * torch.randn(2 * H, H), "output_linear.0.bias": 0.4 * torch.randn(2 * H),
}
# The values travel as float32, so that every backend starts from the same numbers.
p = {k: v.float().double().requires_grad_() for k, v in p.items()}
x = torch.randn(B, L, H).float().double().requires_grad_()

k = p["kernel.kernel"][0]
k = torch.sign(k) * torch.clamp(k.abs() - LAM, min=0)
ys = []
for t in range(L):
    ys.append(p["D"] * x[:, t] + sum(k[:, s] * x[:, t - s] for s in range(min(K, t + 1))))
out = F.glu(F.linear(F.gelu(torch.stack(ys, 1)), p["output_linear.0.weight"], p["output_linear.0.bias"]), dim=-1)
cotangent = torch.randn(out.shape).float().double()
(out * cotangent).sum().backward()

flat = lambda t: t.detach().reshape(-1).tolist()
print(json.dumps({
    "made_by": f"make_long_conv.py, torch {torch.__version__}, float64",
    "dims": {"batch": B, "seqlen": L, "d_model": H, "l_max": K, "lam": LAM},
    "params": {k: flat(v) for k, v in p.items()}, "x": flat(x), "cotangent": flat(cotangent),
    "out": flat(out), "state": {"inputs": flat(x[:, L - (K - 1):].reshape(B, -1))},
    "grad_x": flat(x.grad), "grads": {k: flat(v.grad) for k, v in p.items()},
}))

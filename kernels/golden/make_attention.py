"""Golden tensors of attention with rotary positions, grouped queries and a local window (Vaswani et al. 2017, arXiv:1706.03762;
Su et al. 2021, arXiv:2104.09864; Ainslie et al. 2023, arXiv:2305.13245) in plain PyTorch, written from the equations: every score as a
product of rotated vectors, a softmax over the keys that are seen, autograd for every gradient, float64.
Usage: python3 make_attention.py > attention.json, python3 make_attention.py full > full_attention.json (both sides)"""
import json
import math
import sys
import torch

full = sys.argv[1:] == ["full"]
torch.manual_seed(20261124)
torch.set_default_dtype(torch.float64)
B, L, d_model, heads, kv_heads, window, base = 2, 19, 16, 4, 2, 7, 10000
d = d_model // heads
rows = (heads + 2 * kv_heads) * d
p = {
    "in_proj.weight": torch.randn(rows, d_model) * 0.5, "in_proj.bias": torch.randn(rows) * 0.4,
    "out_proj.weight": torch.randn(d_model, d_model) * 0.4, "out_proj.bias": torch.randn(d_model) * 0.4,
}
# The values travel as float32, so that every backend starts from the same numbers.
p = {k: v.float().double().requires_grad_() for k, v in p.items()}
x = torch.randn(B, L, d_model).float().double().requires_grad_()

qkv = x @ p["in_proj.weight"].T + p["in_proj.bias"]
q, k, v = (t.reshape(B, L, -1, d) for t in qkv.split([heads * d, kv_heads * d, kv_heads * d], -1))
angle = torch.arange(L).double()[:, None] * base ** (-torch.arange(0, d, 2).double() / d)
cos, sin = angle.cos()[:, None], angle.sin()[:, None]


def turned(t):
    a, b = t[..., :d // 2], t[..., d // 2:]
    return torch.cat([a * cos - b * sin, b * cos + a * sin], -1)


q, k = turned(q), turned(k)
ys = []
for t in range(L):
    seen = slice(max(0, t - window + 1), min(L, t + window) if full else t + 1)
    per_head = []
    for h in range(heads):
        g = h * kv_heads // heads
        scores = (k[:, seen, g] * q[:, t, None, h]).sum(-1) / math.sqrt(d)
        per_head.append((scores.softmax(-1)[..., None] * v[:, seen, g]).sum(1))
    ys.append(torch.cat(per_head, -1))
out = torch.stack(ys, 1) @ p["out_proj.weight"].T + p["out_proj.bias"]
cotangent = torch.randn(out.shape).float().double()
(out * cotangent).sum().backward()

# A ring: position t lies at place t mod window.
order = [max(t for t in range(L) if t % window == place) for place in range(window)]
flat = lambda t: t.detach().reshape(-1).tolist()
print(json.dumps({
    "made_by": f"make_attention.py, torch {torch.__version__}, float64",
    "dims": {"batch": B, "seqlen": L, "d_model": d_model, "n_heads": heads, "n_kv_heads": kv_heads, "window": window, "bias": True},
    "params": {k: flat(v) for k, v in p.items()}, "x": flat(x), "cotangent": flat(cotangent), "out": flat(out),
    "state": {} if full else {"keys": flat(k[:, order]), "values": flat(v[:, order]), "position": [L] * B},
    "grad_x": flat(x.grad), "grads": {k: flat(v.grad) for k, v in p.items()},
}))

"""Golden tensors of an mLSTM layer (Beck et al. 2024, arXiv:2405.04517, fig. 10) and of xLSTM 7B's (Beck et al. 2025, arXiv:2503.13427) in
plain PyTorch, written from the equations: the recurrence with its stabiliser as a loop over time, autograd for every gradient, float64.
Usage: python3 make_mlstm.py mlstm > mlstm.json; python3 make_mlstm.py mlstm_large > mlstm_large.json"""
import json
import sys
import torch
import torch.nn.functional as F

torch.manual_seed(2)
torch.set_default_dtype(torch.float64)
LARGE = sys.argv[1] == "mlstm_large"


def cell(q, k, v, i, f):
    """q, k (B, L, H, dqk), v (B, L, H, dv), i, f (B, L, H) before their activations -> h (B, L, H, dv) and the last C, n, m."""
    B, L, H, d = q.shape
    C, n, m, ys = q.new_zeros(B, H, d, v.shape[-1]), q.new_zeros(B, H, d), q.new_zeros(B, H), []
    lf, k = F.logsigmoid(f), k * d ** -0.5
    for t in range(L):
        m1 = torch.maximum(lf[:, t] + m, i[:, t])
        ip, fp = torch.exp(i[:, t] - m1), torch.exp(lf[:, t] + m - m1)
        C = fp[..., None, None] * C + ip[..., None, None] * k[:, t, :, :, None] * v[:, t, :, None, :]
        n = fp[..., None] * n + ip[..., None] * k[:, t]
        den = torch.maximum((n * q[:, t]).sum(-1).abs(), torch.exp(-m1))
        ys.append(torch.einsum("bhdp,bhd->bhp", C, q[:, t]) / den[..., None])
        m = m1
    return torch.stack(ys, 1), C, n, m


def head_norm(h, eps):
    return F.layer_norm(h, (h.shape[-1],), eps=eps).flatten(-2)


def heads(x, H):
    return x.view(*x.shape[:-1], H, -1)


if LARGE:
    B, L, D, H = 2, 19, 16, 2
    options = {"num_heads": H, "qk_dim_factor": 0.5, "v_dim_factor": 1, "gate_soft_cap": 15}
    qk = D // 2
    shapes = {"q.weight": (qk, D), "k.weight": (qk, D), "v.weight": (D, D), "ogate_preact.weight": (D, D), "igate_preact.weight": (H, D),
              "igate_preact.bias": (H,), "fgate_preact.weight": (H, D), "fgate_preact.bias": (H,), "multihead_norm.weight": (D,), "out_proj.weight": (D, D)}
    fbias, ibias, value, norm, centre = "fgate_preact.bias", "igate_preact.bias", "v.weight", "multihead_norm.weight", 1
else:
    B, L, D, H, K, block, factor = 2, 19, 12, 2, 4, 4, 2
    options = {"num_heads": H, "proj_factor": factor, "round_to": 8, "d_conv": K, "qkv_proj_blocksize": block}
    E = factor * D
    shapes = {"proj_up.weight": (2 * E, D), **{f"{n}_proj.weight": (E // block, block, block) for n in "qkv"}, "conv1d.conv.weight": (E, 1, K),
              "conv1d.conv.bias": (E,), "mlstm_cell.igate.weight": (H, 3 * E), "mlstm_cell.igate.bias": (H,), "mlstm_cell.fgate.weight": (H, 3 * E),
              "mlstm_cell.fgate.bias": (H,), "mlstm_cell.outnorm.weight": (E,), "learnable_skip": (E,), "proj_down.weight": (D, E)}
    fbias, ibias, value, norm, centre = "mlstm_cell.fgate.bias", "mlstm_cell.igate.bias", "v_proj.weight", "mlstm_cell.outnorm.weight", 0
p = {name: torch.randn(shape) * 0.4 for name, shape in shapes.items()}
p[fbias] = torch.linspace(1.0, 4.0, H)
# Small values, comparable to the norm's eps: otherwise the norm undoes any common factor of the input gates, and the gradient of their bias
# would be zero but for rounding. Small input gates: a denominator near zero would make everything ill-conditioned.
p[value] *= 0.01
p[ibias] = p[ibias] - 2
p[norm] = centre + 0.2 * torch.randn(p[norm].shape)
# The values travel as float32, so that every backend starts from the same numbers.
p = {k: v.float().double().requires_grad_() for k, v in p.items()}
x = torch.randn(B, L, D).float().double().requires_grad_()

state = {}
if LARGE:
    cap = lambda t: options["gate_soft_cap"] * torch.tanh(t / options["gate_soft_cap"])
    q, k, v = (heads(x @ p[f"{n}.weight"].T, H) for n in "qkv")
    i, f = (cap(x @ p[f"{n}gate_preact.weight"].T + p[f"{n}gate_preact.bias"]) for n in "if")
    h, C, n, m = cell(q, k, v, i, f)
    out = (torch.sigmoid(x @ p["ogate_preact.weight"].T) * head_norm(h, 1e-6) * p["multihead_norm.weight"]) @ p["out_proj.weight"].T
else:
    silu = lambda t: t * torch.sigmoid(t)
    u, z = (x @ p["proj_up.weight"].T).chunk(2, -1)
    padded = F.pad(u, (0, 0, K - 1, 0))
    c = silu(p["conv1d.conv.bias"] + sum(padded[:, j:j + L] * p["conv1d.conv.weight"][:, 0, j] for j in range(K)))
    headwise = lambda t, w: torch.einsum("blhd,hod->blho", t.view(B, L, -1, block), w).flatten(-2)
    q, k, v = headwise(c, p["q_proj.weight"]), headwise(c, p["k_proj.weight"]), headwise(u, p["v_proj.weight"])
    both = torch.cat([q, k, v], -1)
    i, f = (both @ p[f"mlstm_cell.{g}gate.weight"].T + p[f"mlstm_cell.{g}gate.bias"] for g in "if")
    h, C, n, m = cell(heads(q, H), heads(k, H), heads(v, H), i, f)
    h = head_norm(h, 1e-5) * (1 + p["mlstm_cell.outnorm.weight"])
    out = ((h + p["learnable_skip"] * c) * silu(z)) @ p["proj_down.weight"].T
    state["conv"] = u[:, L - (K - 1):].transpose(1, 2).contiguous()
state.update(C=C, n=n, m=m)
cotangent = torch.randn(out.shape).float().double()
(out * cotangent).sum().backward()

flat = lambda t: t.detach().reshape(-1).tolist()
print(json.dumps({
    "made_by": f"make_mlstm.py {sys.argv[1]}, torch {torch.__version__}, float64",
    "dims": {"batch": B, "seqlen": L, "d_model": D, **options},
    "params": {k: flat(v) for k, v in p.items()}, "x": flat(x), "cotangent": flat(cotangent),
    "out": flat(out), "state": {k: flat(v) for k, v in state.items()},
    "grad_x": flat(x.grad), "grads": {k: flat(v.grad) for k, v in p.items()},
}))

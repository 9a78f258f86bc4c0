"""Golden tensors of the recurrent mixers in plain PyTorch, float64, autograd for every gradient. Usage:
python3 make_recurrent.py slstm > slstm.json, and so for lstm and gru (torch 1.13 or newer; the file says which made it).
slstm: sLSTM (Beck et al. 2024, arXiv:2405.04517, eqs. 8-17) with the layer around it, written from the equations: a loop over time. The
input gate's bias is +100 in one head and -100 in the other: e^100 overflows float32, so only a stabilised cell gets this right.
lstm, gru: torch.nn.LSTM and torch.nn.GRU themselves."""
import json
import sys
import torch
import torch.nn.functional as F

torch.manual_seed(20261125)
torch.set_default_dtype(torch.float64)
B, L, d_model, num_heads, d_conv = 3, 17, 12, 2, 4
flat = lambda t: t.detach().reshape(-1).tolist()
# The values travel as float32, so that every backend starts from the same numbers.
leaf = lambda t: t.detach().float().double().requires_grad_()
x = leaf(torch.randn(B, L, d_model))
name = sys.argv[1]


def slstm():
    dh = d_model // num_heads
    shapes = {"conv1d.conv.weight": (d_model, 1, d_conv), "conv1d.conv.bias": (d_model,)}
    shapes |= {f"{g}gate.weight": (num_heads, dh, dh) for g in "fizo"}
    shapes |= {"slstm_cell._recurrent_kernel_": (num_heads, 4 * dh, dh), "slstm_cell._bias_": (4 * d_model,), "group_norm.weight": (d_model,)}
    p = {k: torch.randn(s) * 0.5 for k, s in shapes.items()}
    p["slstm_cell._bias_"][:dh] += 100
    p["slstm_cell._bias_"][dh:d_model] -= 100
    p["slstm_cell._bias_"][d_model:2 * d_model] += 2
    p = {k: leaf(v) for k, v in p.items()}
    padded = F.pad(x, (0, 0, d_conv - 1, 0))
    pre = p["conv1d.conv.bias"] + sum(padded[:, k:k + L] * p["conv1d.conv.weight"][:, 0, k] for k in range(d_conv))
    conv = pre * torch.sigmoid(pre)
    project = lambda v, w: torch.einsum("blhd,hod->blho", v.view(B, L, num_heads, dh), p[f"{w}gate.weight"])
    # The published module fgate feeds the input gate and igate the forget gate.
    wx = torch.stack([project(conv, "f"), project(conv, "i"), project(x, "z"), project(x, "o")], 2)  # (B, L, gate, head, dh)
    R, bias = p["slstm_cell._recurrent_kernel_"].view(num_heads, 4, dh, dh), p["slstm_cell._bias_"].view(4, num_heads, dh)
    h = c = n = torch.zeros(B, num_heads, dh)
    m, ys = None, []
    for t in range(L):
        i, f, z, o = (wx[:, t] + torch.einsum("hgok,bhk->bgho", R, h) + bias).unbind(1)
        kept = F.logsigmoid(f) + (0 if m is None else m)
        m = i if m is None else torch.maximum(kept, i)
        ip, fp = torch.exp(i - m), torch.exp(torch.clamp(kept - m, max=0))
        c, n = fp * c + ip * torch.tanh(z), fp * n + ip
        h = torch.sigmoid(o) * c / n
        ys.append(h)
    y = F.layer_norm(torch.stack(ys, 1), (dh,), eps=1e-5).reshape(B, L, d_model) * (1 + p["group_norm.weight"])
    state = torch.cat([v.reshape(B, d_model) for v in (h, c, n, m)], 1)
    last = x[:, L - (d_conv - 1):].transpose(1, 2).contiguous()
    return p, y, {"slstm": state, "conv": last}, {"num_heads": num_heads, "d_conv": d_conv}


def rnn(kind):
    module = kind(d_model, d_model, batch_first=True)
    for v in module.parameters():
        v.data = v.data.float().double()
    out, state = module(x)
    states = torch.cat([s[0] for s in state], 1) if isinstance(state, tuple) else state[0]
    return dict(module.named_parameters()), out, {name: states}, {}


p, out, state, options = {"slstm": slstm, "lstm": lambda: rnn(torch.nn.LSTM), "gru": lambda: rnn(torch.nn.GRU)}[name]()
cotangent = torch.randn(out.shape).float().double()
(out * cotangent).sum().backward()
print(json.dumps({
    "made_by": f"make_recurrent.py {name}, torch {torch.__version__}, float64",
    "dims": {"batch": B, "seqlen": L, "d_model": d_model, **options},
    "params": {k: flat(v) for k, v in p.items()}, "x": flat(x), "cotangent": flat(cotangent),
    "out": flat(out), "state": {k: flat(v) for k, v in state.items()},
    "grad_x": flat(x.grad), "grads": {k: flat(v.grad) for k, v in p.items()},
}))

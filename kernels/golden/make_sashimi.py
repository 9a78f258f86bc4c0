"""Golden tensors of a SaShiMi backbone (Goel et al. 2022, arXiv:2202.09729, §4.2 and figure 2) with S4D blocks, in plain PyTorch, written from
the paper: channels before time, pooled channels in the published order, autograd for every gradient, float64; windows that the pools do
not divide are padded behind. Usage: python3 make_sashimi.py > sashimi.json"""
import json
import math
import torch
import torch.nn.functional as F

torch.manual_seed(20261124)
torch.set_default_dtype(torch.float64)
B, L, H, N, POOL, EXPAND, FF, LAYERS = 2, 37, 2, 4, [4, 2], 2, 2, 1
randn = lambda *shape: torch.randn(*shape)


def mixer(h):
    return {
        "layer.D": randn(h), "layer.kernel.C": randn(h, N // 2, 2), "layer.kernel.log_dt": -1 - 2 * torch.rand(h),
        "layer.kernel.log_A_real": math.log(0.5) + 0.1 * randn(h, N // 2), "layer.kernel.A_imag": math.pi * torch.arange(N // 2).repeat(h, 1) + 0.1 * randn(h, N // 2),
        "layer.output_linear.0.weight": 0.4 * randn(2 * h, h, 1), "layer.output_linear.0.bias": 0.4 * randn(2 * h),
    }


def ff(h):
    return {
        "layer.ff.0.0.weight": 0.4 * randn(FF * h, h, 1), "layer.ff.0.0.bias": 0.4 * randn(FF * h),
        "layer.ff.2.weight": 0.4 * randn(h, FF * h, 1), "layer.ff.2.bias": 0.4 * randn(h),
    }


def with_norm(h, params):
    return {"norm.weight": 1 + 0.2 * randn(h), "norm.bias": 0.2 * randn(h), **params}


gelu = lambda x: 0.5 * x * (1 + torch.erf(x / math.sqrt(2)))
pointwise = lambda x, p, name: torch.einsum("oi,bil->bol", p[name + ".weight"][..., 0], x) + p[name + ".bias"][:, None]


def s4d(x, p):  # (B, H, L)
    A = torch.complex(-torch.exp(p["layer.kernel.log_A_real"]), p["layer.kernel.A_imag"])
    dt, length = torch.exp(p["layer.kernel.log_dt"])[:, None], x.shape[-1]
    C = torch.view_as_complex(p["layer.kernel.C"]) * (torch.exp(dt * A) - 1) / A
    K = 2 * torch.einsum("hn,hnl->hl", C, torch.exp((dt * A)[..., None] * torch.arange(length))).real
    lag = torch.arange(length)[:, None] - torch.arange(length)
    toeplitz = torch.where(lag >= 0, K[:, lag.clamp(min=0)], torch.zeros(()))
    y = gelu(torch.einsum("hts,bhs->bht", toeplitz, x) + p["layer.D"][:, None] * x)
    value, gate = pointwise(y, p, "layer.output_linear.0").chunk(2, 1)
    return value * torch.sigmoid(gate)


def block(x, p):
    z = F.layer_norm(x.transpose(1, 2), (x.shape[1],), p["norm.weight"], p["norm.bias"]).transpose(1, 2)
    if "layer.D" in p:
        return x + s4d(z, p)
    return x + pointwise(gelu(pointwise(z, p, "layer.ff.0.0")), p, "layer.ff.2")


def build(unet):
    params, widths = {}, [H * EXPAND ** i for i in range(len(POOL) + 1)]
    def stack(prefix, first, h):
        for i in range(LAYERS):
            for k, made in enumerate((mixer(h), ff(h))):
                params.update({f"{prefix}{first + 2 * i + k}.{name}": v for name, v in with_norm(h, made).items()})
    at = 0
    for level, p in enumerate(POOL):
        if unet:
            stack("d_layers.", at, widths[level])
            at += 2 * LAYERS
        params[f"d_layers.{at}.linear.weight"] = 0.4 * randn(widths[level + 1], widths[level] * p, 1)
        params[f"d_layers.{at}.linear.bias"] = 0.4 * randn(widths[level + 1])
        at += 1
    stack("c_layers.", 0, widths[-1])
    for k, (p, h) in enumerate(zip(POOL[::-1], widths[-2::-1])):
        params[f"u_layers.{k}.0.linear.weight"] = 0.4 * randn(h * p, h * EXPAND, 1)
        params[f"u_layers.{k}.0.linear.bias"] = 0.4 * randn(h * p)
        stack(f"u_layers.{k}.", 1, h)
    # The values travel as float32, so that every backend starts from the same numbers.
    return {k: v.float().double().requires_grad_() for k, v in params.items()}


def forward(x, params, unet):
    own = lambda prefix: {k[len(prefix):]: v for k, v in params.items() if k.startswith(prefix)}
    total = math.prod(POOL)
    x = F.pad(x.transpose(1, 2), (0, -L % total))
    outputs, at = [x], 0
    for p in POOL:
        for _ in range(2 * LAYERS if unet else 0):
            x = block(x, own(f"d_layers.{at}."))
            outputs.append(x)
            at += 1
        b, h, l = x.shape
        x = x.reshape(b, h, l // p, p).permute(0, 1, 3, 2).reshape(b, h * p, l // p)
        x = pointwise(x, own(f"d_layers.{at}."), "linear")
        outputs.append(x)
        at += 1
    for j in range(2 * LAYERS):
        x = block(x, own(f"c_layers.{j}."))
    x = x + outputs.pop()
    for k, p in enumerate(POOL[::-1]):
        x = pointwise(x, own(f"u_layers.{k}.0."), "linear")
        x = F.pad(x[..., :-1], (1, 0))
        b, h, l = x.shape
        x = x.reshape(b, h // p, p, l).permute(0, 1, 3, 2).reshape(b, h // p, l * p) + outputs.pop()
        skip = x
        for m in range(1, 2 * LAYERS + 1):
            x = block(x, own(f"u_layers.{k}.{m}."))
            if unet:
                x = x + outputs.pop()
        if not unet:
            x = x + skip
    return x[..., :L].transpose(1, 2)


flat = lambda t: [float(f"{v:.12g}") for v in t.detach().reshape(-1).tolist()]
variants = []
for unet in (False, True):
    params = build(unet)
    x = randn(B, L, H).float().double().requires_grad_()
    out = forward(x, params, unet)
    cotangent = randn(*out.shape).float().double()
    (out * cotangent).sum().backward()
    variants.append({
        "unet": unet, "params": {k: flat(v) for k, v in params.items()}, "x": flat(x), "cotangent": flat(cotangent), "out": flat(out),
        "grad_x": flat(x.grad), "grads": {k: flat(v.grad) for k, v in params.items()},
    })
print(json.dumps({
    "made_by": f"make_sashimi.py, torch {torch.__version__}, float64",
    "dims": {"batch": B, "seqlen": L, "d_model": H, "d_state": N, "layers": LAYERS, "pool": POOL, "expand": EXPAND, "ff": FF}, "variants": variants,
}))

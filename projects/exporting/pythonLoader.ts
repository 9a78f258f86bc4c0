/** strand_model.py, written beside exported weights. A string, so that it travels inside the built worker. */
export const pythonLoader = String.raw`"""A model exported by Strand, in plain PyTorch: no other package, no compiled kernels.

    from strand_model import load
    model = load("path/to/this/folder")
    logits = model(ids)              # ids (batch, length) int64 -> (batch, length, vocab); a forecaster takes (batch, patches, width)

The block is that of Gu & Dao 2023, "Mamba: Linear-Time Sequence Modeling with Selective State Spaces" (arXiv:2312.00752);
parameters carry the names of the mamba_ssm package. The scan is a loop over time: right, and slow on long sequences.
"""
import json
import os
import struct

import torch
import torch.nn.functional as F


def read_safetensors(path):
    with open(path, "rb") as file:
        (length,) = struct.unpack("<Q", file.read(8))
        header = json.loads(file.read(length))
        data = bytearray(file.read())
    header.pop("__metadata__", None)
    tensors = {}
    for name, entry in header.items():
        begin, end = entry["data_offsets"]
        tensors[name] = torch.frombuffer(data[begin:end], dtype=torch.float32).reshape(entry["shape"]).clone()
    return tensors


def rms_norm(x, weight, eps=1e-5):
    return x * torch.rsqrt(x.pow(2).mean(-1, keepdim=True) + eps) * weight


class MambaMixer(torch.nn.Module):
    def __init__(self, tensors):
        super().__init__()
        for name, tensor in tensors.items():
            self.register_parameter(name.replace(".", "_"), torch.nn.Parameter(tensor))
        self.d_inner, self.d_state = self.A_log.shape
        self.dt_rank = self.dt_proj_weight.shape[1]

    def forward(self, x):
        length = x.shape[1]
        u, z = (x @ self.in_proj_weight.T).chunk(2, dim=-1)
        width = self.conv1d_weight.shape[-1]
        u = F.conv1d(u.transpose(1, 2), self.conv1d_weight, self.conv1d_bias, padding=width - 1, groups=self.d_inner)
        u = F.silu(u[..., :length].transpose(1, 2))
        dt, B, C = (u @ self.x_proj_weight.T).split([self.dt_rank, self.d_state, self.d_state], dim=-1)
        delta = F.softplus(dt @ self.dt_proj_weight.T + self.dt_proj_bias)
        A = -torch.exp(self.A_log)
        state = x.new_zeros(x.shape[0], self.d_inner, self.d_state)
        outputs = []
        for t in range(length):
            step = delta[:, t, :, None]
            state = torch.exp(step * A) * state + step * u[:, t, :, None] * B[:, t, None, :]
            outputs.append((state * C[:, t, None, :]).sum(-1) + self.D * u[:, t])
        return (torch.stack(outputs, dim=1) * F.silu(z)) @ self.out_proj_weight.T


class StrandModel(torch.nn.Module):
    def __init__(self, config, tensors):
        super().__init__()
        self.config = config
        self.layers = torch.nn.ModuleList()
        self.norms = torch.nn.ParameterList()
        for i in range(config["n_layer"]):
            prefix = "backbone.layers.%d." % i
            own = {n[len(prefix) + 6 :]: t for n, t in tensors.items() if n.startswith(prefix + "mixer.")}
            self.layers.append(MambaMixer(own))
            self.norms.append(torch.nn.Parameter(tensors[prefix + "norm.weight"]))
        for name in ("backbone.embedding.weight", "backbone.input.weight", "backbone.input.bias", "backbone.norm_f.weight",
                     "lm_head.weight", "head.weight", "head.bias"):
            if name in tensors:
                self.register_parameter(name.replace(".", "_"), torch.nn.Parameter(tensors[name]))

    def forward(self, inputs):
        if hasattr(self, "backbone_embedding_weight"):
            x = F.embedding(inputs, self.backbone_embedding_weight)
        else:
            x = F.linear(inputs, self.backbone_input_weight, self.backbone_input_bias)
        for norm, layer in zip(self.norms, self.layers):
            x = x + layer(rms_norm(x, norm))
        if hasattr(self, "head_weight"):
            x = x[:, -1]
        x = rms_norm(x, self.backbone_norm_f_weight)
        return F.linear(x, self.head_weight, self.head_bias) if hasattr(self, "head_weight") else x @ self.lm_head_weight.T


def load(folder):
    with open(os.path.join(folder, "config.json"), encoding="utf-8") as file:
        config = json.load(file)
    return StrandModel(config, read_safetensors(os.path.join(folder, "model.safetensors"))).eval()
`

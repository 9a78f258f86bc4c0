import { pythonMixers } from './mixers.ts'
import { sashimiPython } from './sashimi.ts'

/** strand_model.py, written beside exported weights, with the mixers that the model has. A string, so that it travels inside the built worker. */
export function pythonLoader(mixers: readonly string[], sashimi = false): string {
  const used = [...new Set(mixers)].map((name) => [name, pythonMixers[name]] as const)
  const table = used.map(([name, { name: python }]) => `${JSON.stringify(name)}: ${python}`).join(', ')
  return [
    HEAD,
    ...new Set(used.map(([, { source }]) => source)),
    `\nMIXERS = {${table}}\n`,
    ...(sashimi ? [sashimiPython] : []),
    MODEL,
  ].join('\n')
}

const HEAD = String.raw`"""A model exported by Strand, in plain PyTorch: no other package, no compiled kernels.

    from strand_model import load
    model = load("path/to/this/folder")
    logits = model(ids)              # ids (batch, length) int64 -> (batch, length, vocab); a forecaster takes (batch, patches, width)

Parameters carry the names of the published implementations.
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


def norm(kind, x, tensors, name, eps=1e-5):
    if kind == "rms":
        return x * torch.rsqrt(x.pow(2).mean(-1, keepdim=True) + eps) * tensors[name + "_weight"]
    bias = tensors[name + "_bias"] if kind == "layer" else None
    return F.layer_norm(x, x.shape[-1:], tensors[name + "_weight"], bias, eps)


def causal_conv(x, weight, bias):
    """x (batch, length, d), weight (d, 1, k): each channel's filter over its own past."""
    length, width = x.shape[1], weight.shape[-1]
    return F.conv1d(x.transpose(1, 2), weight, bias, padding=width - 1, groups=x.shape[2])[..., :length].transpose(1, 2)


class Mixer(torch.nn.Module):
    def __init__(self, tensors):
        super().__init__()
        for name, tensor in tensors.items():
            self.register_parameter(name.replace(".", "_"), torch.nn.Parameter(tensor))
`

const MODEL = String.raw`
class Layer(torch.nn.Module):
    def __init__(self, facts, kind, tensors):
        super().__init__()
        self.kind, self.mlp, self.direction = kind, facts["mlp"], facts["direction"]
        self.mixer = MIXERS[facts["mixer"]]({n[6:]: t for n, t in tensors.items() if n.startswith("mixer.")}, facts["config"])
        for name, tensor in tensors.items():
            if not name.startswith("mixer."):
                self.register_parameter(name.replace(".", "_"), torch.nn.Parameter(tensor))

    def forward(self, x):
        own = dict(self.named_parameters(recurse=False))
        normed = norm(self.kind, x, own, "norm")
        mixed = self.mixer(normed)
        if self.direction == "both":
            mixed = mixed + self.mixer(normed.flip(1)).flip(1)
        x = x + mixed
        if self.mlp == "none":
            return x
        inner = F.linear(norm(self.kind, x, own, "norm2"), self.mlp_fc1_weight, own.get("mlp_fc1_bias"))
        if self.mlp == "gelu":
            inner = F.gelu(inner.contiguous())
        else:
            value, gate = inner.chunk(2, dim=-1)
            inner = value * (F.silu(gate) if self.mlp == "swiglu" else F.gelu(gate.contiguous()))
        return x + F.linear(inner, self.mlp_fc2_weight, own.get("mlp_fc2_bias"))


class StrandModel(torch.nn.Module):
    def __init__(self, strand, tensors):
        super().__init__()
        self.kind, self.head = strand["model"]["norm"], strand["model"]["head"]
        complement = strand["model"].get("complement")
        self.complement = None if complement is None else torch.tensor(complement)
        self.layers = torch.nn.ModuleList()
        if strand["model"].get("sashimi"):
            self.layers.append(Sashimi(strand, {n[9:]: t for n, t in tensors.items() if n.startswith("backbone.") and "_layers." in n}))
        for facts in [] if strand["model"].get("sashimi") else strand["layers"]:
            prefix = "backbone." + facts["prefix"]
            self.layers.append(Layer(facts, self.kind, {n[len(prefix) :]: t for n, t in tensors.items() if n.startswith(prefix)}))
        for name in tensors:
            if "layers." not in name:
                self.register_parameter(name.replace(".", "_"), torch.nn.Parameter(tensors[name]))

    def forward(self, inputs):
        if self.complement is not None:
            return self.both_strands(inputs)
        if hasattr(self, "backbone_embedding_weight"):
            x = F.embedding(inputs, self.backbone_embedding_weight)
        else:
            x = F.linear(inputs, self.backbone_input_weight, self.backbone_input_bias)
        for layer in self.layers:
            x = layer(x)
        if self.head["at"] == "last":
            x = x[:, -1]
        elif self.head["at"] == "mean":
            x = x.mean(1)
        x = self.last_norm(x)
        return F.linear(x, self.head_weight, self.head_bias) if hasattr(self, "head_weight") else x @ self.lm_head_weight.T

    def last_norm(self, x):
        return norm(self.kind, x, dict(self.named_parameters(recurse=False)), "backbone_norm_f")

    def both_strands(self, inputs):
        along, back = F.embedding(inputs, self.backbone_embedding_weight), F.embedding(inputs, self.backbone_embedding_weight[self.complement])
        back = back.flip(1)
        for layer in self.layers:
            along, back = layer(along), layer(back)
        back = back.flip(1)
        if self.head["at"] == "mean":
            return F.linear(self.last_norm(along.mean(1) + back.mean(1)), self.head_weight, self.head_bias)
        weight = self.lm_head_weight
        return self.last_norm(along) @ weight.T + self.last_norm(back) @ weight[self.complement[: weight.shape[0]]].T


def load(folder):
    with open(os.path.join(folder, "strand.json"), encoding="utf-8") as file:
        strand = json.load(file)
    return StrandModel(strand, read_safetensors(os.path.join(folder, "model.safetensors"))).eval()
`

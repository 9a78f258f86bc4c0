/** SaShiMi (Goel et al. 2022, arXiv:2202.09729, §4.2): the backbone of several rates; names of state-spaces/s4, models/sashimi/sashimi.py. */
export const sashimiPython = String.raw`
class Block(torch.nn.Module):
    """x + mixer(norm(x)), or without a mixer x + ff(norm(x))."""

    def __init__(self, facts, kind, tensors):
        super().__init__()
        self.kind, self.mixer, self.both = kind, None, facts is not None and facts["direction"] == "both"
        if facts is not None:
            self.mixer = MIXERS[facts["mixer"]]({n[6:]: t for n, t in tensors.items() if n.startswith("layer.")}, facts["config"])
        for name, tensor in tensors.items():
            if self.mixer is None or not name.startswith("layer."):
                self.register_parameter(name.replace(".", "_"), torch.nn.Parameter(tensor))

    def forward(self, x):
        z = norm(self.kind, x, dict(self.named_parameters(recurse=False)), "norm")
        if self.mixer is not None:
            back = self.mixer(z.flip(1)).flip(1) if self.both else 0
            return x + self.mixer(z) + back
        inner = F.gelu(F.linear(z, self.layer_ff_0_0_weight[..., 0], self.layer_ff_0_0_bias).contiguous())
        return x + F.linear(inner, self.layer_ff_2_weight[..., 0], self.layer_ff_2_bias)


class Sashimi(torch.nn.Module):
    def __init__(self, strand, tensors):
        super().__init__()
        self.pool, self.unet = strand["model"]["sashimi"]["pool"], strand["model"]["sashimi"]["unet"]
        facts, kind = {f["prefix"]: f for f in strand["layers"]}, strand["model"]["norm"]
        self.linears = torch.nn.ParameterDict({n.replace(".", "_"): torch.nn.Parameter(t) for n, t in tensors.items() if ".linear." in n and "output_linear" not in n})

        def stack(prefix):
            own = {n[len(prefix):]: t for n, t in tensors.items() if n.startswith(prefix)}
            numbers = sorted({int(n.split(".")[0]) for n in own if ".norm." in n})
            blocks = []
            for k in numbers:
                mine = {n[len("%d." % k):]: t for n, t in own.items() if n.startswith("%d." % k)}
                blocks.append(Block(facts.get("%s%d." % (prefix, k)), kind, mine))
            return numbers, torch.nn.ModuleList(blocks)

        numbers, downs = stack("d_layers.")
        per_level = len(numbers) // len(self.pool)
        self.downs = torch.nn.ModuleList(torch.nn.ModuleList(downs[i * per_level:(i + 1) * per_level]) for i in range(len(self.pool)))
        self.down_at = [(i + 1) * (per_level + 1) - 1 for i in range(len(self.pool))]
        self.centre = stack("c_layers.")[1]
        self.ups = torch.nn.ModuleList(stack("u_layers.%d." % (len(self.pool) - 1 - i))[1] for i in range(len(self.pool)))

    def forward(self, x):
        length, total = x.shape[1], 1
        for p in self.pool:
            total *= p
        return self.level(0, F.pad(x, (0, 0, 0, -length % total)))[:, :length]

    def level(self, i, x):
        if i == len(self.pool):
            y = x
            for block in self.centre:
                y = block(y)
            return y + x
        seen = []
        for block in self.downs[i]:
            seen.append(x)
            x = block(x)
        batch, length, width = x.shape
        p, linear = self.pool[i], lambda name, z: F.linear(z, self.linears[name + "_weight"][..., 0], self.linears[name + "_bias"])
        grouped = x.view(batch, length // p, p, width).transpose(2, 3).reshape(batch, length // p, width * p)
        slow = self.level(i + 1, linear("d_layers_%d_linear" % self.down_at[i], grouped))
        frames = linear("u_layers_%d_0_linear" % (len(self.pool) - 1 - i), slow)
        frames = F.pad(frames, (0, 0, 1, 0))[:, :-1]
        y = frames.view(batch, length // p, width, p).transpose(2, 3).reshape(batch, length, width) + x
        if self.unet:
            for block in self.ups[i]:
                y = block(y) + seen.pop()
            return y
        z = y
        for block in self.ups[i]:
            z = block(z)
        return z + y if len(self.ups[i]) else y
`

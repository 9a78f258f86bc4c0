/** mLSTM of Beck et al. 2024, arXiv:2405.04517, and of xLSTM 7B, Beck et al. 2025, arXiv:2503.13427, as a loop over time; parameters carry the names of the xlstm package. */
export const mlstmPython = String.raw`
def mlstm_cell(q, k, v, i, f):
    """q, k (batch, length, heads, dqk), v (batch, length, heads, dv), i, f (batch, length, heads) before their activations."""
    batch, length, heads, width = q.shape
    C, n, m = q.new_zeros(batch, heads, width, v.shape[-1]), q.new_zeros(batch, heads, width), q.new_zeros(batch, heads)
    kept, k, outputs = F.logsigmoid(f), k * width ** -0.5, []
    for t in range(length):
        new = torch.maximum(kept[:, t] + m, i[:, t])
        write, keep = torch.exp(i[:, t] - new), torch.exp(kept[:, t] + m - new)
        C = keep[..., None, None] * C + write[..., None, None] * k[:, t, :, :, None] * v[:, t, :, None, :]
        n = keep[..., None] * n + write[..., None] * k[:, t]
        scale = torch.maximum((n * q[:, t]).sum(-1).abs(), torch.exp(-new))
        outputs.append(torch.einsum("bhdp,bhd->bhp", C, q[:, t]) / scale[..., None])
        m = new
    return torch.stack(outputs, 1)


class MLSTM(Mixer):
    def __init__(self, tensors, config):
        super().__init__(tensors)
        self.config = config

    def forward(self, x):
        block, heads = self.config["block"], self.config["num_heads"]
        u, z = F.linear(x, self.proj_up_weight).chunk(2, dim=-1)
        c = F.silu(causal_conv(u, self.conv1d_conv_weight, self.conv1d_conv_bias))
        headwise = lambda t, w: torch.einsum("blhd,hod->blho", t.reshape(*t.shape[:2], -1, block), w).flatten(-2)
        q, k, v = headwise(c, self.q_proj_weight), headwise(c, self.k_proj_weight), headwise(u, self.v_proj_weight)
        both = torch.cat([q, k, v], -1)
        i = F.linear(both, self.mlstm_cell_igate_weight, self.mlstm_cell_igate_bias)
        f = F.linear(both, self.mlstm_cell_fgate_weight, self.mlstm_cell_fgate_bias)
        split = lambda t: t.view(*t.shape[:2], heads, -1)
        h = mlstm_cell(split(q), split(k), split(v), i, f)
        h = F.layer_norm(h, h.shape[-1:], eps=1e-5).flatten(-2) * (1 + self.mlstm_cell_outnorm_weight)
        return F.linear((h + self.learnable_skip * c) * F.silu(z), self.proj_down_weight)


class MLSTMLarge(Mixer):
    def __init__(self, tensors, config):
        super().__init__(tensors)
        self.config = config

    def forward(self, x):
        heads, most = self.config["num_heads"], self.config["gate_soft_cap"]
        cap = lambda t: most * torch.tanh(t / most)
        split = lambda weight: F.linear(x, weight).view(*x.shape[:2], heads, -1)
        i = cap(F.linear(x, self.igate_preact_weight, self.igate_preact_bias))
        f = cap(F.linear(x, self.fgate_preact_weight, self.fgate_preact_bias))
        h = mlstm_cell(split(self.q_weight), split(self.k_weight), split(self.v_weight), i, f)
        h = F.layer_norm(h, h.shape[-1:], eps=1e-6).flatten(-2) * self.multihead_norm_weight
        return F.linear(torch.sigmoid(F.linear(x, self.ogate_preact_weight)) * h, self.out_proj_weight)
`

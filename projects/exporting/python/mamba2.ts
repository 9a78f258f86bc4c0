/** Mamba-2 (Dao & Gu 2024, arXiv:2405.21060, fig. 6) as a loop over time; parameters carry the names of mamba_ssm. */
export const mamba2Python = String.raw`
class Mamba2(Mixer):
    def __init__(self, tensors, config):
        super().__init__(tensors)
        self.config = config

    def forward(self, x):
        batch, length, _ = x.shape
        inner, state, groups = self.config["d_inner"], self.config["d_state"], self.config["ngroups"]
        heads = self.A_log.shape[0]
        width = inner + 2 * groups * state
        z, u, dt = F.linear(x, self.in_proj_weight).split([inner, width, heads], dim=-1)
        u, B, C = F.silu(causal_conv(u, self.conv1d_weight, self.conv1d_bias)).split([inner, groups * state, groups * state], dim=-1)
        u = u.view(batch, length, heads, -1)
        B, C = (v.view(batch, length, groups, state).repeat_interleave(heads // groups, 2) for v in (B, C))
        delta, A = F.softplus(dt + self.dt_bias), -torch.exp(self.A_log)
        h, outputs = x.new_zeros(batch, heads, u.shape[-1], state), []
        for t in range(length):
            h = torch.exp(delta[:, t] * A)[..., None, None] * h + (delta[:, t, :, None] * u[:, t])[..., None] * B[:, t, :, None, :]
            outputs.append((h * C[:, t, :, None, :]).sum(-1) + self.D[:, None] * u[:, t])
        y = torch.stack(outputs, 1).reshape(batch, length, inner) * F.silu(z)
        y = y.view(batch, length, groups, -1)
        y = (y * torch.rsqrt(y.pow(2).mean(-1, keepdim=True) + 1e-5)).reshape(batch, length, inner) * self.norm_weight
        return F.linear(y, self.out_proj_weight)
`

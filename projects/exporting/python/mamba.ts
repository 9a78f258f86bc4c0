/** Gu & Dao 2023, arXiv:2312.00752; parameters carry the names of mamba_ssm. The scan is a loop over time: right, and slow on long sequences. */
export const mambaPython = String.raw`
class Mamba(Mixer):
    def __init__(self, tensors, config):
        super().__init__(tensors)
        self.d_inner, self.d_state = self.A_log.shape
        self.selective = config["selective"]

    def forward(self, x):
        length = x.shape[1]
        u, z = (x @ self.in_proj_weight.T).chunk(2, dim=-1)
        u = F.silu(causal_conv(u, self.conv1d_weight, self.conv1d_bias))
        if self.selective:
            rank = self.dt_proj_weight.shape[1]
            dt, B, C = (u @ self.x_proj_weight.T).split([rank, self.d_state, self.d_state], dim=-1)
            delta = F.softplus(dt @ self.dt_proj_weight.T + self.dt_proj_bias)
        else:
            B, C = self.BC[:, 0].expand(*u.shape[:2], -1).chunk(2, dim=-1)
            delta = F.softplus(self.dt_proj_bias).expand_as(u)
        A = -torch.exp(self.A_log)
        state = x.new_zeros(x.shape[0], self.d_inner, self.d_state)
        outputs = []
        for t in range(length):
            step = delta[:, t, :, None]
            state = torch.exp(step * A) * state + step * u[:, t, :, None] * B[:, t, None, :]
            outputs.append((state * C[:, t, None, :]).sum(-1) + self.D * u[:, t])
        return (torch.stack(outputs, dim=1) * F.silu(z)) @ self.out_proj_weight.T
`

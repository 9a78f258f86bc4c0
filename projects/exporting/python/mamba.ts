/** Gu & Dao 2023, arXiv:2312.00752; parameters carry the names of mamba_ssm. The scan is a loop over time: right, and slow on long sequences. */
export const mambaPython = String.raw`
class Mamba(Mixer):
    def __init__(self, tensors, config):
        super().__init__(tensors)
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
`

/** S4 in its stable form A = Λ − P P* (Gu et al. 2022, arXiv:2111.00396; Goel et al. 2022, arXiv:2202.09729) as a loop over time; names of state-spaces/s4, models/s4/s4.py. */
export const s4Python = String.raw`
class S4(Mixer):
    def __init__(self, tensors, config):
        super().__init__(tensors)

    def forward(self, x):
        both = lambda v: torch.cat([v, v.conj()], -1)
        Lambda = both(torch.complex(-torch.exp(self.layer_kernel_A_real), -self.layer_kernel_A_imag))
        B, C, P = (both(torch.view_as_complex(v)[0]) for v in (self.layer_kernel_B, self.layer_kernel_C, self.layer_kernel_P))
        half = torch.exp(self.layer_kernel_inv_dt)[..., None] / 2
        A = torch.diag_embed(Lambda) - P[..., :, None] * P[..., None, :].conj()
        eye = torch.eye(A.shape[-1], dtype=A.dtype, device=A.device)
        inverse = torch.linalg.inv(eye - half * A)
        step, enter = inverse @ (eye + half * A), (inverse @ (2 * half * B[..., None]))[..., 0]
        state, outputs = x.new_zeros(x.shape[0], x.shape[2], A.shape[-1]).to(A.dtype), []
        for t in range(x.shape[1]):
            state = torch.einsum("hnm,bhm->bhn", step, state) + enter * x[:, t, :, None]
            outputs.append((state * C).sum(-1).real + self.layer_D[0] * x[:, t])
        y = F.gelu(torch.stack(outputs, 1).contiguous())
        return F.glu(F.linear(y, self.output_linear_0_weight, self.output_linear_0_bias), dim=-1)
`

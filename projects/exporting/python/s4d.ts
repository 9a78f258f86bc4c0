/** S4D (Gu et al. 2022, arXiv:2206.11893) by its convolution kernel; parameters carry the names of state-spaces/s4, models/s4/s4d.py. */
export const s4dPython = String.raw`
class S4D(Mixer):
    def __init__(self, tensors, config):
        super().__init__(tensors)

    def forward(self, x):
        length = x.shape[1]
        dt = torch.exp(self.kernel_log_dt)[:, None]
        steps = torch.arange(length, device=x.device)
        if hasattr(self, "kernel_A_imag"):
            A = torch.complex(-torch.exp(self.kernel_log_A_real), self.kernel_A_imag)
            C = torch.view_as_complex(self.kernel_C) * (torch.exp(dt * A) - 1) / A
            kernel = 2 * torch.einsum("hn,hnl->hl", C, torch.exp((dt * A)[..., None] * steps)).real
        else:
            A = -torch.exp(self.kernel_log_A_real)
            C = self.kernel_C * (torch.exp(dt * A) - 1) / A
            kernel = torch.einsum("hn,hnl->hl", C, torch.exp((dt * A)[..., None] * steps))
        size = 2 * length
        y = torch.fft.irfft(torch.fft.rfft(x, n=size, dim=1) * torch.fft.rfft(kernel.T, n=size, dim=0), n=size, dim=1)[:, :length]
        y = F.gelu((y + self.D * x).contiguous())
        return F.glu(F.linear(y, self.output_linear_0_weight[..., 0], self.output_linear_0_bias), dim=-1)
`

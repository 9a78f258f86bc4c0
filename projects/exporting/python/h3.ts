/** H3 with one channel a head (Fu et al. 2023, arXiv:2212.14052, §3.1); the diagonal memory by its convolution kernel. */
export const h3Python = String.raw`
class H3(Mixer):
    def __init__(self, tensors, config):
        super().__init__(tensors)

    def forward(self, x):
        length = x.shape[1]
        q, k, v = (F.linear(x, getattr(self, n + "_proj_weight"), getattr(self, n + "_proj_bias")) for n in "qkv")
        key = self.ssm_k_D * k
        for s in range(self.ssm_k_kernel_C.shape[0]):
            key = key + self.ssm_k_kernel_C[s] * F.pad(k, (0, 0, s, 0))[:, :length]
        kv = key * v
        dt = torch.exp(self.kernel_log_dt)[:, None]
        A = torch.complex(-torch.exp(self.kernel_log_A_real), self.kernel_A_imag)
        C = torch.view_as_complex(self.kernel_C) * (torch.exp(dt * A) - 1) / A
        kernel = 2 * torch.einsum("hn,hnl->hl", C, torch.exp((dt * A)[..., None] * torch.arange(length, device=x.device))).real
        y = torch.fft.irfft(torch.fft.rfft(kv, n=2 * length, dim=1) * torch.fft.rfft(kernel.T, n=2 * length, dim=0), n=2 * length, dim=1)
        return F.linear(q * (y[:, :length] + self.D * kv), self.output_linear_weight, self.output_linear_bias)
`

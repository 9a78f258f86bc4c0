/** Long convolution (Fu et al. 2023, arXiv:2302.06646, §3); parameters carry the names of HazyResearch/safari, src/models/sequence/long_conv.py. */
export const longConvPython = String.raw`
class LongConv(Mixer):
    def __init__(self, tensors, config):
        super().__init__(tensors)
        self.lam = config["lam"]

    def forward(self, x):
        length = x.shape[1]
        kernel = self.kernel_kernel[0, :, :length].T
        kernel = torch.sign(kernel) * F.relu(kernel.abs() - self.lam)
        size = 2 * length
        y = torch.fft.irfft(torch.fft.rfft(x, n=size, dim=1) * torch.fft.rfft(kernel, n=size, dim=0), n=size, dim=1)[:, :length]
        y = F.gelu((y + self.D * x).contiguous())
        return F.glu(F.linear(y, self.output_linear_0_weight, self.output_linear_0_bias), dim=-1)
`

/** S5 (Smith et al. 2023, arXiv:2208.04933) as a loop over time; parameters carry the names of lindermanlab/S5. */
export const s5Python = String.raw`
class S5(Mixer):
    def __init__(self, tensors, config):
        super().__init__(tensors)
        self.config = config

    def forward(self, x):
        real = self.seq_Lambda_re.clamp(max=-1e-4) if self.config["clip_eigs"] else self.seq_Lambda_re
        Lambda = torch.complex(real, self.seq_Lambda_im)
        A = torch.exp(Lambda * torch.exp(self.seq_log_step[:, 0]))
        B = ((A - 1) / Lambda)[:, None] * torch.view_as_complex(self.seq_B)
        C = torch.view_as_complex(self.seq_C)
        state, outputs = A.new_zeros(x.shape[0], A.shape[0]), []
        for t in range(x.shape[1]):
            state = A * state + x[:, t].to(A.dtype) @ B.T
            outputs.append(2 * (state @ C.T).real + self.seq_D * x[:, t])
        y = F.gelu(torch.stack(outputs, 1).contiguous())
        return y * torch.sigmoid(y @ self.out2_kernel + self.out2_bias)
`

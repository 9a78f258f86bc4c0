/** sLSTM of Beck et al. 2024, arXiv:2405.04517, with the layer around it; parameters carry the names of the xlstm package, where the module named fgate drives the input gate. The cell is a loop over time. */
export const slstmPython = String.raw`
class SLSTM(Mixer):
    def __init__(self, tensors, config):
        super().__init__(tensors)
        self.config = config

    def forward(self, x):
        batch, length, width = x.shape
        heads = self.config["num_heads"]
        head = width // heads
        convolved = x
        if self.config["d_conv"]:
            convolved = F.silu(causal_conv(x, self.conv1d_conv_weight, self.conv1d_conv_bias))
        project = lambda v, w: torch.einsum("blhd,hod->blho", v.view(batch, length, heads, head), w)
        gates = [project(convolved, self.fgate_weight), project(convolved, self.igate_weight), project(x, self.zgate_weight), project(x, self.ogate_weight)]
        inputs = torch.stack(gates, 2)
        R = self.slstm_cell__recurrent_kernel_.view(heads, 4, head, head)
        bias = self.slstm_cell__bias_.view(4, heads, head)
        h = c = n = x.new_zeros(batch, heads, head)
        m, outputs = None, []
        for t in range(length):
            i, f, z, o = (inputs[:, t] + torch.einsum("hgok,bhk->bgho", R, h) + bias).unbind(1)
            kept = F.logsigmoid(f) + (0 if m is None else m)
            m = i if m is None else torch.maximum(kept, i)
            write, keep = torch.exp(i - m), torch.exp(torch.clamp(kept - m, max=0))
            c, n = keep * c + write * torch.tanh(z), keep * n + write
            h = torch.sigmoid(o) * c / n
            outputs.append(h)
        y = F.layer_norm(torch.stack(outputs, 1), (head,), eps=1e-5).reshape(batch, length, width)
        return y * (1 + self.group_norm_weight)
`

/** Vaswani et al. 2017, arXiv:1706.03762, with rotary positions, grouped queries and a window; parameters carry the names of mamba_ssm's MHA. */
export const attentionPython = String.raw`
class Attention(Mixer):
    def __init__(self, tensors, config):
        super().__init__(tensors)
        self.config = config

    def turn(self, x):
        half, length = self.config["rotary_dim"] // 2, x.shape[-2]
        turns = self.config["base"] ** (-torch.arange(half, device=x.device, dtype=torch.float64) / max(half, 1))
        angle = torch.arange(length, device=x.device, dtype=torch.float64)[:, None] * turns
        cos, sin = angle.cos().to(x.dtype), angle.sin().to(x.dtype)
        a, b, rest = x[..., :half], x[..., half:2 * half], x[..., 2 * half:]
        return torch.cat([a * cos - b * sin, b * cos + a * sin, rest], dim=-1)

    def forward(self, x):
        heads, kv_heads, window = self.config["heads"], self.config["kv_heads"], self.config["window"]
        batch, length, _ = x.shape
        qkv = F.linear(x, self.in_proj_weight, getattr(self, "in_proj_bias", None))
        qkv = qkv.view(batch, length, heads + 2 * kv_heads, -1).transpose(1, 2)
        q, k, v = qkv.split([heads, kv_heads, kv_heads], dim=1)
        q, k, v = self.turn(q), *(t.repeat_interleave(heads // kv_heads, dim=1) for t in (self.turn(k), v))
        seen = torch.ones(length, length, dtype=torch.bool, device=x.device)
        if self.config["causal"]:
            seen = seen.tril()
        if window:
            seen = seen.triu(1 - window).tril(window - 1)
        scores = (q @ k.transpose(-1, -2)) * q.shape[-1] ** -0.5
        y = scores.masked_fill(~seen, float("-inf")).softmax(dim=-1) @ v
        y = y.transpose(1, 2).reshape(batch, length, -1)
        return F.linear(y, self.out_proj_weight, getattr(self, "out_proj_bias", None))
`

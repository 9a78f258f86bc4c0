/** PyTorch's own cells over a whole sequence; parameters carry its names. */
export const recurrentPython = String.raw`
class Recurrent(Mixer):
    kind = None

    def __init__(self, tensors, config):
        super().__init__({})
        self.cell = self.kind(config["d_model"], config["d_model"], batch_first=True)
        self.cell.load_state_dict(tensors)

    def forward(self, x):
        return self.cell(x)[0]


class LSTM(Recurrent):
    kind = torch.nn.LSTM


class GRU(Recurrent):
    kind = torch.nn.GRU
`

"""What stands for a GPU where there is none."""

import torch


class OnCard(torch.Tensor):
    """A tensor of the host that says that it is on a GPU."""

    is_cuda = True

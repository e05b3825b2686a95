"""What the graph of a pass holds, counted while it is made."""

import torch


class Held:
    """What tensors take together, those that share their memory once."""

    def __init__(self) -> None:
        """No tensor yet."""
        self._sizes: dict[int, int] = {}

    def add(self, tensor: torch.Tensor) -> None:
        """Count a tensor, which must live on."""
        storage = tensor.untyped_storage()
        self._sizes[storage.data_ptr()] = storage.nbytes()

    def packed(self, tensor: torch.Tensor) -> tuple[torch.Tensor, int]:
        """A tensor that a graph saves, counted; without its own place there, or it never went."""
        self.add(tensor)
        return tensor.detach(), tensor._version

    def bytes(self) -> int:
        """All of them."""
        return sum(self._sizes.values())


def unpacked(kept: tuple[torch.Tensor, int]) -> torch.Tensor:
    """What a graph saved; autograd itself looks only where nobody counts.

    Raises:
        RuntimeError: it has been changed since.
    """
    tensor, version = kept
    if tensor._version != version:
        raise RuntimeError("a tensor that the way back needs has been changed in place")
    return tensor

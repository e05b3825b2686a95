"""Matrix products with float32 results, whatever the dtype of what is multiplied."""

import torch


def float32_product(left: torch.Tensor, right: torch.Tensor) -> torch.Tensor:
    """`left @ right` of matrices, or of batches of them, summed and returned in float32.

    Products of two half-precision numbers are exact in float32, so a GPU multiplies them as
    they are; elsewhere they are converted first.
    """
    multiply = torch.bmm if left.ndim == 3 else torch.mm
    if left.dtype == torch.float32:
        return multiply(left, right)
    if left.is_cuda:
        return multiply(left, right, out_dtype=torch.float32)
    return multiply(left.float(), right.float())

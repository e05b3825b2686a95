"""Perplexity in windows of a fixed length, by the definition that pruning papers publish."""

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from fairprune.errors import FairpruneError

if TYPE_CHECKING:
    import torch

TOKENS_PER_BATCH = 2048


@dataclass(frozen=True)
class Perplexity:
    """What one corpus gave.

    Attributes:
        window: tokens per window; without it a perplexity cannot be compared.
        windows: how many whole windows the corpus holds; the remainder is not used.
        tokens: tokens in those windows.
        loss: mean next-token loss in nats, or None where it is not finite.
        perplexity: exp(loss), or None where it is not finite.
    """

    window: int
    windows: int
    tokens: int
    loss: float | None
    perplexity: float | None


def window_length(asked: int, context: int | None) -> int:
    """The window that is used: what was asked for, lowered to the model's context.

    Raises:
        FairpruneError: fewer than 2 tokens, which leaves nothing to predict.
    """
    if asked < 2:
        raise FairpruneError(f"--window {asked}: a window needs at least 2 tokens")
    return min(asked, context) if context else asked


def cut(ids: "torch.Tensor", window: int) -> "torch.Tensor":
    """Cut token ids, (tokens,), into (windows, window); the remainder is dropped.

    A corpus shorter than the window becomes one shorter window.

    Raises:
        FairpruneError: fewer than 2 tokens.
    """
    if ids.numel() < 2:
        raise FairpruneError("a corpus of fewer than 2 tokens has no next token to predict")
    window = min(window, ids.numel())
    count = ids.numel() // window
    return ids[: count * window].view(count, window)


def perplexity(model, windows: "torch.Tensor", label: str = "perplexity") -> Perplexity:
    """Exponential of the mean next-token loss over windows.

    Every window is read on its own, so its first token is given and never predicted:
    loss = mean over windows and positions 2..N of −log p(token | tokens before it in the window),
    computed in float32 and summed in float64. As in Frantar et al. (arXiv:2210.17323) and
    Sun et al. (arXiv:2306.11695).

    Args:
        model: causal language model in evaluation mode.
        windows: token ids, (windows, window).
        label: what the progress bar is called.
    """
    import torch
    from torch.nn.functional import cross_entropy
    from tqdm import tqdm

    count, window = windows.shape
    device = model.get_input_embeddings().weight.device
    device = torch.device("cpu") if device.type == "meta" else device  # accelerate moves it
    size = max(1, TOKENS_PER_BATCH // window)
    total = 0.0
    with torch.inference_mode(), tqdm(total=count, desc=label, unit="window") as progress:
        for batch in windows.split(size):
            logits = model(input_ids=batch.to(device), use_cache=False).logits
            for scores, ids in zip(logits, batch.to(logits.device), strict=True):
                total += cross_entropy(scores[:-1].float(), ids[1:]).double().item()
            progress.update(len(batch))
    loss = total / count
    return Perplexity(
        window=window,
        windows=count,
        tokens=count * window,
        loss=loss if math.isfinite(loss) else None,
        perplexity=_finite_exp(loss),
    )


def _finite_exp(loss: float) -> float | None:
    try:
        value = math.exp(loss)
    except OverflowError:
        return None
    return value if math.isfinite(value) else None

"""Perplexity in windows of a fixed length, by the definition that pruning papers publish."""

import math
from dataclasses import dataclass
from typing import Any

from fairprune.language.windows import Windows

TOKENS_PER_BATCH = 2048


@dataclass(frozen=True)
class Perplexity:
    """What one corpus gave.

    Attributes:
        window: tokens per window; without it a perplexity cannot be compared.
        beginning: which windows begin with the beginning token; see `windows.Windows`.
        windows: how many whole windows the corpus holds; the remainder is not used.
        tokens: tokens in those windows.
        scored: tokens that were predicted: all of a window but its first.
        loss: mean next-token loss in nats, or None where it is not finite.
        perplexity: exp(loss), or None where it is not finite.
    """

    window: int
    beginning: str
    windows: int
    tokens: int
    scored: int
    loss: float | None
    perplexity: float | None


def perplexity(model: Any, windows: Windows, label: str = "perplexity") -> Perplexity:
    """Exponential of the mean next-token loss over windows.

    Every window is read on its own, so its first token is given and never predicted, be it the
    beginning token or the text's:
    loss = mean over windows and positions 2..N of −log p(token | tokens before it in the window),
    computed in float32 and summed in float64. As in Frantar et al. (arXiv:2210.17323) and
    Sun et al. (arXiv:2306.11695).

    Args:
        model: causal language model in evaluation mode.
        windows: from `windows.cut`.
        label: what the progress bar is called.
    """
    import torch
    from torch.nn.functional import cross_entropy
    from tqdm import tqdm

    count, window = windows.ids.shape
    device = model.get_input_embeddings().weight.device
    device = torch.device("cpu") if device.type == "meta" else device  # accelerate moves it
    size = max(1, TOKENS_PER_BATCH // window)
    total = 0.0
    with torch.inference_mode(), tqdm(total=count, desc=label, unit="window") as progress:
        for batch in windows.ids.split(size):
            logits = model(input_ids=batch.to(device), use_cache=False).logits
            for scores, ids in zip(logits, batch.to(logits.device), strict=True):
                total += cross_entropy(scores[:-1].float(), ids[1:]).double().item()
            progress.update(len(batch))
    loss = total / count
    return Perplexity(
        window=window,
        beginning=windows.beginning,
        windows=count,
        tokens=count * window,
        scored=count * (window - 1),
        loss=loss if math.isfinite(loss) else None,
        perplexity=_finite_exp(loss),
    )


def _finite_exp(loss: float) -> float | None:
    try:
        value = math.exp(loss)
    except OverflowError:
        return None
    return value if math.isfinite(value) else None

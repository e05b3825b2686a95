"""How much is to go, as it is written: a sparsity, a pattern N:M."""

import re
from decimal import Decimal, InvalidOperation
from typing import Any

from fairprune.errors import FairpruneError


def read_pattern(text: str) -> tuple[str, tuple[int, int] | None]:
    """The pattern as "N:M" and its numbers; "unstructured" and None.

    Raises:
        FairpruneError: neither, or not 0 < N < M.
    """
    if text == "unstructured":
        return text, None
    match = re.fullmatch(r"(\d{1,3})(?::|of)(\d{1,3})", text)
    if not match:
        raise FairpruneError(
            f"pattern {text!r}: give unstructured, or N:M (2:4 keeps 2 of 4 consecutive weights)"
        )
    kept, run = int(match[1]), int(match[2])
    if not 0 < kept < run:
        raise FairpruneError(f"pattern {text}: N of M are kept, so 0 < N < M is needed")
    return f"{kept}:{run}", (kept, run)


def read_sparsity(value: Any, counts: tuple[int, int] | None) -> Decimal | None:
    """The share to prune; None where neither a value nor a pattern's `counts` says it.

    Raises:
        FairpruneError: not between 0 and 1, or another one than the pattern's own.
    """
    if value is None:
        return None if counts is None else 1 - Decimal(counts[0]) / Decimal(counts[1])
    try:
        found = Decimal(str(value))
    except InvalidOperation:
        raise FairpruneError(f"sparsity {value!r} is not a number") from None
    if not found.is_finite() or not 0 < found < 1:
        raise FairpruneError(
            f"sparsity {value}: give a share between 0 and 1 (0.5 prunes half of the weights)"
        )
    if counts is None:
        return found
    own = 1 - Decimal(counts[0]) / Decimal(counts[1])
    if abs(own - found) > Decimal("1e-9"):
        raise FairpruneError(
            f"sparsity {value} beside pattern {counts[0]}:{counts[1]}: the pattern sets the "
            f"sparsity by itself ({float(own):g}); leave the other out"
        )
    return own

"""Variants: one pruned model of the grid, and the paths that name it."""

import re
from dataclasses import dataclass
from pathlib import Path

DENSE = "dense"
GIVEN = "given"  # the sparsity of a compressed model, which is what it is
POOLED = "-s*"  # ends a calibration set: whatever its seed


@dataclass(frozen=True, order=True)
class Variant:
    """One model as it was pruned, named `model/method/calibration/sparsity` everywhere.

    Attributes:
        model: key of the configuration.
        method: key of the configuration; `dense` is the unpruned model, and the name of a
            compressed model stands for that.
        calibration: calibration set, `none` for methods that need none.
        sparsity: "0.50", or a pattern as "2of4"; "given" of a compressed model.
    """

    model: str
    method: str
    calibration: str
    sparsity: str

    def __str__(self) -> str:
        """The name as it stands in paths and tables."""
        return "/".join((self.model, self.method, self.calibration, self.sparsity))

    @property
    def dense(self) -> bool:
        """Whether this is the unpruned model."""
        return self.method == DENSE

    @property
    def given(self) -> bool:
        """Whether this is a compressed model that somebody else has made."""
        return self.sparsity == GIVEN

    @property
    def pooled(self) -> bool:
        """Whether this stands for all draws of its calibration set together."""
        return self.calibration.endswith(POOLED)

    @property
    def pattern(self) -> str:
        """`unstructured`, or the N:M pattern ("2:4"); `given` of a compressed model."""
        if self.given:
            return GIVEN
        return self.sparsity.replace("of", ":") if "of" in self.sparsity else "unstructured"

    @property
    def fraction(self) -> float:
        """The sparsity as a number; for N of M the share of zeros, (M − N) / M when N are kept.

        0 for a compressed model, whose share of zeros its card alone says.
        """
        if self.given:
            return 0.0
        kept, of, group = self.sparsity.partition("of")
        return 1 - int(kept) / int(group) if of else float(kept)

    @classmethod
    def parse(cls, name: str) -> "Variant":
        """The variant of a name.

        Raises:
            ValueError: not four parts, or a sparsity that is neither a number, a pattern nor
                `given`.
        """
        variant = cls(*name.split("/")) if name.count("/") == 3 else None
        if variant is None:
            raise ValueError(f"{name!r} is not model/method/calibration/sparsity")
        float(variant.fraction)
        return variant


def drawn(calibration: str) -> tuple[str, int | None]:
    """A calibration set without the seed of its draw, and the seed; None for the first draw.

    `TASK.SET` is the first seed's, `TASK.SET-s43` another's.
    """
    name, _, seed = calibration.rpartition("-s")
    return (name, int(seed)) if name and re.fullmatch(r"\d+", seed) else (calibration, None)


def pool_of(calibration: str) -> str:
    """What a calibration set is called together with its other draws."""
    return drawn(calibration)[0] + POOLED


def name_in(path: Path, stage: str) -> str:
    """What a target is called below its stage's folder, without its ending.

    `results/language/m/wanda/none/0.50.json` below `language` is `m/wanda/none/0.50`; a file
    that stands nowhere below such a folder is called by its own name.
    """
    path = Path(path)
    parts = path.with_name(path.stem).parts
    if stage not in parts[:-1]:
        return path.stem
    last = len(parts) - 1 - parts[::-1].index(stage, 1)
    return "/".join(parts[last + 1 :])

"""What is said of a calibration set that the model writes itself: the mix `self`."""

from dataclasses import dataclass, field
from typing import Any

from fairprune.errors import FairpruneError
from fairprune.models.sampling import Sampling
from fairprune.values import SELF


@dataclass(frozen=True)
class Continuing:
    """How a model goes on from texts.

    Attributes:
        prefix: tokens of a text that are given, the beginning token not counted.
        sampling: how the others are drawn.
        batch_size: texts at once, which changes no text.
    """

    prefix: int = 4
    sampling: Sampling = field(default_factory=lambda: Sampling(temperature=0.6, top_p=0.95))
    batch_size: int = 8

    @property
    def parameters(self) -> dict[str, Any]:
        """What a card says of it."""
        chosen = self.sampling
        return {
            "prefix": self.prefix,
            "temperature": chosen.temperature,
            "top_p": chosen.top_p,
            "batch_size": self.batch_size,
        }


def check_prefix(prefix: int, length: int) -> None:
    """Raise a FairpruneError for a prefix that leaves nothing of a window to go on with."""
    if prefix + 1 >= length:
        raise FairpruneError(
            f"a prefix of {prefix} tokens leaves nothing of a window of {length} to go on with: "
            "give fewer tokens"
        )


def continuing(
    mix: str,
    prompt: str,
    windows: str,
    *,
    prefix: int | None,
    temperature: float | None,
    top_p: float | None,
    batch_size: int | None,
) -> Continuing | None:
    """How a model goes on, as the options of a calibration set say it; None of another mix.

    Raises:
        FairpruneError: an option of the mix `self` with another one, or one that it has no use for.
    """
    given = {"--prefix": prefix, "--temperature": temperature, "--top-p": top_p}
    given |= {"--batch-size": batch_size}
    if mix != SELF:
        for option, value in given.items():
            if value is not None:
                raise FairpruneError(f"{option} is for --mix {SELF}: leave it out with --mix {mix}")
        return None
    if prompt != "none":
        raise FairpruneError(
            f"--mix {SELF} goes on from bare texts, under no prompt: leave out --prompt {prompt}"
        )
    if windows != "joined":
        raise FairpruneError(
            f"--mix {SELF} makes texts of up to a window each, none longer: leave out --windows "
            f"{windows}"
        )
    default = Continuing()
    return Continuing(
        prefix or default.prefix,
        Sampling(
            default.sampling.temperature if temperature is None else temperature,
            default.sampling.top_p if top_p is None else top_p,
        ),
        batch_size or default.batch_size,
    )

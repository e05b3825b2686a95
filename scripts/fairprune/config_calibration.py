"""What calibration sets are made from: sections of the configuration."""

from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, model_validator

from fairprune.config_base import Distinct, File, Name, Seed, Strict
from fairprune.values import SELF


class Continued(Strict):
    """What a model writes itself, from the first tokens of texts (the mix `self`)."""

    prefix: int | None = Field(
        None, ge=1, le=10**6, description="With `self`: tokens of a text that are given; default 4."
    )
    temperature: float | None = Field(
        None, gt=0, le=100, description="With `self`: logits are divided by it; default 0.6."
    )
    top_p: float | None = Field(
        None, gt=0, le=1, description="With `self`: share of the probability; default 0.95."
    )


class CalibrationSet(Continued):
    """Which opinions of a task a calibration set is made from."""

    mix: str = Field(
        description="A group's label (that group only), proportional, balanced, random, combined, "
        "a value of the task's mix column, or self (the model's own words after the first ones)."
    )
    prompt: bool | None = Field(
        None,
        description="Whether the opinions stand under the task's prompt; default: yes, and no with "
        "`self`.",
    )

    @property
    def prompted(self) -> bool:
        """Whether the opinions stand under the task's prompt."""
        return self.mix != SELF if self.prompt is None else self.prompt

    @model_validator(mode="after")
    def _of_self(self) -> "CalibrationSet":
        if self.mix == SELF and self.prompt:
            raise ValueError("mix: self goes on from bare opinions: leave out prompt")
        for name in Continued.model_fields:
            if self.mix != SELF and getattr(self, name) is not None:
                raise ValueError(f"{name} is for mix: self")
        return self


class TextSet(Continued):
    """A calibration set made from general text."""

    mix: Literal["self"] = Field(description="What the model writes after the texts' beginnings.")

    @property
    def prompted(self) -> bool:
        """Whether the texts stand under a prompt: never."""
        return False


class Text(Strict):
    """General text: for perplexity, and for calibration sets."""

    file: File = Field(description="Local path or https URL: .txt, .jsonl, .json.gz, .parquet.")
    limit: int | None = Field(
        None, ge=1, le=10**9, description="At most so many documents are used."
    )
    calibration: dict[Name, TextSet] = Field(
        {}, description="Calibration sets by name, beside the text itself (`calibration.texts`)."
    )


def _text(value: Any) -> Any:
    return {"file": value} if isinstance(value, str) else value


TextSource = Annotated[Text, BeforeValidator(_text, json_schema_input_type=str | Text)]


class Calibration(Strict):
    """Windows of tokens that activations and gradients are measured on."""

    samples: int = Field(128, ge=1, le=10**5, description="Windows a set (N).")
    length: int = Field(512, ge=2, le=10**6, description="Tokens a window (T).")
    windows: Literal["joined", "longer"] = Field(
        "joined", description="`longer`: only texts longer than a window (hgla-repository)."
    )
    seeds: Distinct[Seed] = Field(
        [42],
        min_length=1,
        max_length=100,
        description="The first makes SET, a further one 43 makes SET-s43.",
    )
    texts: Distinct[Name] = Field([], description="Names of `texts` that are calibration sets too.")

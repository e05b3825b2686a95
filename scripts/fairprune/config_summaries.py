"""How summaries are generated: a section of the configuration."""

from typing import Literal

from pydantic import Field, model_validator

from fairprune.config_base import Strict, Words


class Summaries(Strict):
    """How summaries are generated, by the dense model and every variant alike."""

    max_new_tokens: int = Field(128, ge=1, le=10**5, description="Tokens a summary has at most.")
    min_new_tokens: int | None = Field(
        None, ge=0, le=10**5, description="Tokens before a model may end it; default 0."
    )
    batch_size: int | None = Field(
        None,
        ge=1,
        le=10**4,
        description="Inputs a batch; default: what a GPU's memory bears, 8 on a CPU.",
    )
    stop: list[Words] = Field([], description="Texts at which a summary ends.")
    generation: Literal["settings", "model"] = Field(
        "settings", description="`model`: as the dense model's generation_config.json says."
    )
    repetition_penalty: float | None = Field(
        None,
        gt=0,
        le=100,
        description="Divides the logits of tokens that stand in the prompt or the summary; "
        "default 1, none. 1.1 to 1.3 keep a small model from repeating itself.",
    )
    no_repeat_ngram_size: int | None = Field(
        None,
        ge=0,
        le=10**4,
        description="No run of so many tokens occurs twice, the prompt counted: nothing of that "
        "length is quoted; default 0, any.",
    )
    temperature: float | None = Field(
        None, ge=0, le=100, description="Divides logits before tokens are drawn; default 0: greedy."
    )
    top_p: float | None = Field(
        None, gt=0, le=1, description="Share of the probability that is drawn from; default 1."
    )
    top_k: int | None = Field(
        None, ge=0, le=10**6, description="Likeliest tokens that are drawn from; default 0: all."
    )
    samples: int = Field(
        1, ge=1, le=1000, description="Summaries an input; figures are means over them."
    )

    @property
    def chosen(self) -> dict[str, float]:
        """What is said of how tokens are chosen."""
        penalties = ("min_new_tokens", "repetition_penalty", "no_repeat_ngram_size")
        names = (*penalties, "temperature", "top_p", "top_k")
        found = {name: getattr(self, name) for name in names}
        return {name: value for name, value in found.items() if value is not None}

    @model_validator(mode="after")
    def _agree(self) -> "Summaries":
        if self.generation == "model":
            if self.chosen:
                raise ValueError(
                    f"{next(iter(self.chosen))} stands beside generation: model, which takes the "
                    "model's own settings: leave one of them out"
                )
            return self
        if (self.min_new_tokens or 0) > self.max_new_tokens:
            raise ValueError("min_new_tokens is more than max_new_tokens")
        drawn = {"top_p": self.top_p, "top_k": self.top_k, "samples": self.samples > 1}
        for name, value in drawn.items():
            if value and not self.temperature:
                raise ValueError(f"{name} is for summaries that are drawn: give temperature, too")
        return self

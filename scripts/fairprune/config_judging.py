"""What of a configuration says how summaries and models are judged."""

from typing import Annotated, Literal

from pydantic import Field, model_validator

from fairprune.config_base import Distinct, File, Name, Source, Strict


class Fairness(Strict):
    """How summaries are judged."""

    attributions: Distinct[str] = Field(
        ["tokens", "classifier"], min_length=1, description="How summaries are given to groups."
    )
    tau: float = Field(0.8, gt=0, le=1, description="Threshold of the binary unfair rate.")
    margin: float = Field(
        0.10, gt=0, le=1, description="Share points of the summary that a group may lose."
    )
    margin_rate: float = Field(
        0.10, gt=0, le=1, description="The same of the rates bur and auc, and of bias scores."
    )
    primary: str = Field(
        "uer_excess", description="Metric whose level is the primary result, beside shift."
    )
    options: dict[str, bool | int | float | str] = Field({}, description="NAME.OPTION: value.")


class Comparisons(Strict):
    """What every variant is compared with beside the dense model."""

    against: Distinct[Name] = Field(
        [], description="Names of `methods`, at the same calibration set and sparsity."
    )


class BertScore(Source):
    """The encoder of BERTScore."""

    layer: int = Field(
        -1, ge=-1, le=1000, description="Hidden layer that is compared; -1: the last."
    )


class Quality(Strict):
    """How good summaries are beside being fair."""

    bertscore: BertScore | None = Field(None, description="None: BERTScore is left out.")


class Annotation(Strict):
    """Sheets on which people compare pruned variants with the dense model (made on request)."""

    inputs: int = Field(20, ge=1, le=10**5, description="Inputs, the same ones for every variant.")
    variants: Distinct[str] | None = Field(
        None,
        min_length=1,
        description="METHOD/CALIBRATION/SPARSITY of the grid; left out: all that are judged.",
    )


class Language(Strict):
    """How language ability is measured."""

    corpora: Distinct[Name] = Field([], description="Names of `texts` for perplexity.")
    window: int = Field(
        2048, ge=2, le=10**6, description="Tokens a window; less for models with less."
    )
    beginning: Literal["every", "first"] = Field(
        "every",
        description="Windows that begin with the beginning token, where the tokenizer puts one; "
        "first: the first alone, as pruning papers publish it.",
    )
    zero_shot: Distinct[str] = Field(
        [], description="Tasks of lm-eval; beside them crows_pairs_local and bbq_local."
    )
    data: dict[str, Distinct[File]] = Field(
        {}, description="What crows_pairs_local and bbq_local read: paths or https URLs."
    )
    include_path: File | None = Field(None, description="Folder of YAML tasks of your own.")
    functions: Distinct[File] = Field(
        [], description="Python files whose functions those may call: code that you trust."
    )


class Goal(Strict):
    """What is good: a `better` direction, or an `ideal`; and which values an item can have."""

    better: Literal["higher", "lower"] | None = Field(None, description="Where no ideal is given.")
    ideal: float | None = Field(None, description="The mean that is best; 0.5: no preference.")
    range: Annotated[tuple[float, float], Field(strict=False)] = Field(
        (0.0, 1.0), description="Lowest and highest value; margins are in parts of it."
    )

    @model_validator(mode="after")
    def _one_goal(self) -> "Goal":
        low, high = self.range
        if (self.better is None) == (self.ideal is None):
            raise ValueError("give either better (higher or lower) or ideal")
        if not low < high or (self.ideal is not None and not low <= self.ideal <= high):
            raise ValueError("a range from low to high is expected, and an ideal inside of it")
        return self


class Bias(Strict):
    """Which scores of zero-shot tasks are compared item by item with the dense model's."""

    metrics: dict[str, dict[str, Goal]] = Field(
        {}, description="Task: metric: what is good; known of crows_pairs_local and bbq_local."
    )

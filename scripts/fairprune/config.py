"""The typed configuration of a run: source of `config/schema.json` and of its documentation.

Every key is described here once. Unknown keys, wrong types and values out of range are refused
with one line; so is anything that looks like a token. No value here decides how a number is
computed without being handed to the step that computes it.
"""

from typing import Annotated, Literal

from pydantic import Field, model_validator

from fairprune.config_base import (
    Date,
    Distinct,
    File,
    Folder,
    Label,
    LanguageCode,
    Name,
    Pair,
    Seed,
    SparsityName,
    Strict,
    Values,
    Words,
)
from fairprune.config_calibration import Calibration, CalibrationSet, TextSource
from fairprune.config_judging import Annotation, Bias, Comparisons, Fairness, Language, Quality
from fairprune.config_models import Compressed, Model
from fairprune.config_summaries import Summaries
from fairprune.values import DATE


class Prompt(Strict):
    """Text around the opinions, which are joined by ` || `."""

    before: Words = Field(description="Text before the first opinion.")
    after: Words = Field(description="Text after the last opinion.")


class Task(Strict):
    """Labelled opinions to summarise, and the calibration sets made from them."""

    files: Distinct[File] = Field(min_length=1, description="Local paths or https URLs.")
    format: str = Field("auto", description="Importer; auto goes by the file's ending.")
    columns: dict[str, str] = Field({}, description="Our field: the file's column.")
    labels: dict[Label, Values] = Field(
        {}, description='Group: the values that stand for it, [1, 2], or ranges, ["1-2"].'
    )
    group_by: str | None = Field(
        None, description="Column of what single opinions are about (product); one an input."
    )
    encoding: str | None = Field(None, description="Of the files; default: found by itself.")
    delimiter: str | None = Field(
        None, pattern=r"^(.|tab)$", description="Between cells (or tab); default: found by itself."
    )
    sheet: Label | None = Field(None, description="Of a spreadsheet; default: its only one.")
    prompt: str = Field(description="Name of a prompt: tweets, reviews, or one of `prompts`.")
    groups: Distinct[Label] | None = Field(
        None, min_length=1, description="Labels that may occur; left out: any."
    )
    ignore: Distinct[Label] = Field([], description="Labels that are no group (neutral).")
    pair: Pair | None = Field(None, description="Groups A, B of SPD.")
    limit: int | None = Field(
        None, ge=1, le=10**6, description="At most so many inputs are judged."
    )
    per_input: Literal["auto"] | Annotated[int, Field(ge=2, le=10**4)] = Field(
        "auto",
        description="Opinions an input, where a file has single ones; auto: from 20 down to 6, so "
        "that there are 20 independent inputs.",
    )
    per_mix: int = Field(
        40, ge=1, le=10**5, description="Inputs of each mix at most, where a file has single ones."
    )
    reuse: bool = Field(
        False,
        description="Whether a single opinion may stand in several inputs; verdicts then hold for "
        "these opinions only.",
    )
    language: LanguageCode | None = Field(
        None, description="ISO 639 code of the texts; default: by their script, en where Latin."
    )
    calibration: dict[Name, CalibrationSet] = Field({}, description="Calibration sets by name.")


class Method(Strict):
    """A named combination of score, allocation, refinement, comparison group and options."""

    score: str | None = Field(None, description="Score or preset; default: the method's name.")
    allocation: str | None = Field(None, description="Sparsity of layers or rows; default uniform.")
    refinement: str | None = Field(None, description="A step after the selection.")
    group: Literal["row", "layer", "adaptive"] | None = Field(
        None, description="Comparison group; default: the score's."
    )
    options: dict[str, bool | int | float | str] = Field({}, description="PART.OPTION: value.")


class Grid(Strict):
    """Variants: every combination of the lists; a list that is left out means all there are."""

    models: Distinct[Name] | None = Field(None, min_length=1, description="Names of `models`.")
    methods: Distinct[Name] | None = Field(None, min_length=1, description="Names of `methods`.")
    calibrations: Distinct[str] | None = Field(
        None, min_length=1, description="TASK.SET, TEXT.SET, or a text's name."
    )
    seeds: Distinct[Seed] | None = Field(
        None, min_length=1, description="Of `calibration.seeds`: the draws of each set."
    )
    sparsities: Distinct[SparsityName] = Field(
        min_length=1,
        max_length=100,
        description="Shares of weights pruned (0.5), or patterns (2of4).",
    )


class Keep(Strict):
    """What stays on disk once it has been used; what does not is made again when asked for."""

    gradients: bool = Field(True, description="Gradient norms: 4 bytes a weight and norm.")
    activations: bool = Field(True, description="Dense activation norms (small).")


class Configuration(Strict):
    """One run: models × methods × calibration sets × sparsities, judged on tasks and texts."""

    results: Folder = Field("results", description="Folder of everything that the run makes.")
    data: Folder = Field("data", description="Folder of the models and files that it fetches.")
    seed: Seed = Field(42, description="Root seed of everything random.")
    threads: int = Field(
        2, ge=1, le=1024, description="CPU threads a step; part of reproducibility."
    )
    date: Date = Field(DATE, description="Day that chat templates which print it are told.")
    device: Literal["auto", "cpu", "cuda"] = Field(
        "auto", description="Where to compute; auto: what fits goes on the GPUs there are."
    )
    dtype: Literal["auto", "float32", "bfloat16", "float16"] = Field(
        "auto", description="Of the weights; auto: as stored on a GPU, float32 on a CPU."
    )
    models: dict[Name, Model] = Field(min_length=1)
    compressed: dict[Name, Compressed] = Field(
        {}, description="Other people's compressed models, each a variant by this name."
    )
    prompts: dict[Name, Prompt] = Field({}, description="Further prompts by name.")
    tasks: dict[Name, Task] = Field({}, description="Tasks by name; none: language alone.")
    texts: dict[Name, TextSource] = Field({}, description="A file (path or URL), or a `Text`.")
    calibration: Calibration = Calibration()
    methods: dict[Name, Method] = Field({}, description="Methods of pruning by name.")
    grid: list[Grid] = Field([], description="Which variants are made.")
    summaries: Summaries = Summaries()
    fairness: Fairness = Fairness()
    comparisons: Comparisons = Comparisons()
    quality: Quality = Quality()
    annotation: Annotation = Annotation()
    language: Language = Language()
    bias: Bias = Bias()
    keep: Keep = Keep()

    @model_validator(mode="after")
    def _judges_something(self) -> "Configuration":
        if not ((self.methods and self.grid) or self.compressed):
            raise ValueError("methods and a grid, or compressed models, are needed")
        return self

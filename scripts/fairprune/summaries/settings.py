"""How summaries are decoded: said, or as the model's own file says."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any

from fairprune.errors import FairpruneError
from fairprune.io.tables import read_json
from fairprune.models.guards import Guards
from fairprune.models.sampling import Sampling

GENERATIONS = ("settings", "model")
MODELS_FILE = "generation_config.json"
MODELS_TOP_K = 50  # transformers' own, where a model that samples says nothing else
MOST = 1_000_000

# What else a model's file may ask for that changes what it writes, and when it does not.
NOT_DONE: dict[str, tuple[Any, ...]] = {
    "num_beams": (1,),
    "typical_p": (1, 1.0),
    "min_p": (0, 0.0),
    "top_h": (),
    "epsilon_cutoff": (0, 0.0),
    "eta_cutoff": (0, 0.0),
    "penalty_alpha": (0, 0.0),
    "guidance_scale": (1, 1.0),
    "min_length": (0,),
    "bad_words_ids": ([],),
    "suppress_tokens": ([],),
    "begin_suppress_tokens": ([],),
    "forced_bos_token_id": (),
    "forced_eos_token_id": (),
    "sequence_bias": ([],),
    "exponential_decay_length_penalty": (),
    "encoder_repetition_penalty": (1, 1.0),
    "encoder_no_repeat_ngram_size": (0,),
    "watermarking_config": (),
    "token_healing": (False,),
    "dola_layers": (),
}


@dataclass(frozen=True)
class Settings:
    """How tokens are chosen, in every model alike.

    Attributes:
        repetition_penalty, no_repeat_ngram_size, min_new_tokens: see `Guards`.
        temperature: 0: the likeliest token each time (greedy); else see `Sampling`.
        top_p, top_k: see `Sampling`; a `top_k` of 0: all.
        samples: summaries an input.
    """

    repetition_penalty: float = 1.0
    no_repeat_ngram_size: int = 0
    min_new_tokens: int = 0
    temperature: float = 0.0
    top_p: float = 1.0
    top_k: int = 0
    samples: int = 1

    @property
    def guards(self) -> Guards:
        """What is held against repetition."""
        return Guards(self.repetition_penalty, self.no_repeat_ngram_size, self.min_new_tokens)

    @property
    def sampling(self) -> Sampling | None:
        """How tokens are drawn; None where none are."""
        if not self.temperature:
            return None
        return Sampling(self.temperature, self.top_p, self.top_k or None)

    @property
    def parameters(self) -> dict[str, Any]:
        """What a card says of it."""
        return asdict(self)


def settings_for(
    generation: str, given: Mapping[str, Any], model: Path, max_new_tokens: int
) -> Settings:
    """How a model's summaries are decoded.

    Args:
        generation: settings, for those given; model, for those in the model's folder.
        given: name → value of `Settings`; None is not given.
        model: the dense model's folder.
        max_new_tokens: tokens a summary has at most.

    Raises:
        FairpruneError: settings that contradict each other, or a model's own that cannot be used.
    """
    said = {name: value for name, value in given.items() if value is not None}
    if generation != "model":
        return _checked(Settings(**said), max_new_tokens)
    if chosen := sorted(set(said) - {"samples"}):
        option = "--" + chosen[0].replace("_", "-")
        raise FairpruneError(
            f"{option} stands beside --generation model, which takes the model's own settings: "
            "leave one of them out"
        )
    own = _models_own(model)
    if said.get("samples", 1) > 1 and "temperature" not in own:
        raise FairpruneError(
            f"--samples is for summaries that are drawn, and {model / MODELS_FILE} does not ask "
            "for that (do_sample): leave it out, or give settings of your own"
        )
    try:
        return _checked(Settings(**said | own), max_new_tokens)
    except FairpruneError as error:
        raise FairpruneError(f"{model / MODELS_FILE}: {error}") from None


def _checked(asked: Settings, max_new_tokens: int) -> Settings:
    if not asked.repetition_penalty > 0:
        raise FairpruneError(
            f"repetition penalty {asked.repetition_penalty:g}: above 0 is expected, and 1 is none"
        )
    if asked.min_new_tokens > max_new_tokens:
        raise FairpruneError(
            f"at least {asked.min_new_tokens} new tokens and at most {max_new_tokens}: ask for "
            "fewer at least (--min-new-tokens), or for more at most (--max-new-tokens)"
        )
    if asked.sampling:
        return asked
    drawn = {"top-p": asked.top_p < 1, "top-k": asked.top_k > 0, "samples": asked.samples > 1}
    for name, wanted in drawn.items():
        if wanted:
            raise FairpruneError(
                f"--{name} is for summaries that are drawn, and without a temperature the "
                "likeliest token is taken each time: give --temperature above 0, or leave it out"
            )
    return asked


def _models_own(model: Path) -> dict[str, Any]:
    """The settings in a model's folder, as transformers' `generate` would take them."""
    path = model / MODELS_FILE
    if not path.is_file():
        raise FairpruneError(f"{model} has no {MODELS_FILE}: give the settings of your own")
    said = read_json(path)
    if not isinstance(said, dict):
        raise FairpruneError(f"{path} holds no settings: give those of your own")
    said = {name: value for name, value in said.items() if value is not None}
    for name, harmless in NOT_DONE.items():
        if name in said and said[name] not in harmless:
            raise FairpruneError(
                f"{path} asks for {name} = {said[name]!r}, which is not done here: give settings "
                "of your own"
            )
    known = {f.name: getattr(Settings, f.name) for f in fields(Settings) if f.name != "samples"}
    found = {name: _number(path, name, said[name], known[name]) for name in known if name in said}
    drawn = ("temperature", "top_p", "top_k")
    if said.get("do_sample") is not True:
        return {name: value for name, value in found.items() if name not in drawn}
    if found.get("temperature") == 0:
        raise FairpruneError(
            f"{path} asks to draw tokens (do_sample) at temperature 0, which transformers refuses, "
            "too: give settings of your own"
        )
    return {"temperature": 1.0, "top_k": MODELS_TOP_K} | found


def _number(path: Path, name: str, value: Any, like: float) -> float:
    whole = isinstance(like, int)
    fits = isinstance(value, int if whole else int | float) and not isinstance(value, bool)
    if not (fits and 0 <= value <= MOST):
        raise FairpruneError(
            f"{path}: {name} is {value!r}, where a {'whole ' * whole}number from 0 to {MOST:,} is "
            "expected: give settings of your own"
        )
    return type(like)(value)

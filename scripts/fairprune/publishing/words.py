"""The text of a model card: what the model is, how it was made, how to load it."""

import json
from collections import defaultdict
from collections.abc import Iterator, Mapping
from typing import Any

from fairprune.io.markdown import block, code, plain, table
from fairprune.publishing.again import commands
from fairprune.publishing.base import Base

DRAWN = ("samples", "length", "windows", "mix", "prompt", "prompt_style", "limit")


def heading(base: Base, card: Mapping[str, Any] | None, sparsity: float) -> Iterator[str]:
    """The title, and what the model is in two sentences."""
    if card is None:
        yield from (f"# {plain(base.name)}", "", "The model as it is, written by fairprune.", "")
        return
    how, removed = card["parameters"], card["figures"].get("removed_blocks")
    yield f"# {plain(base.name)}, pruned with {plain(how['method'])}"
    yield ""
    where = f" at commit {code(base.commit)}" if base.commit else ""
    digest = "" if base.hub_id else f" (weights {code(base.weights[:16])})"
    if removed:
        done = f"without {len(removed)} of its blocks, and smaller and faster by that"
    else:
        done = (
            f"with {100 * sparsity:.1f} % of the weights of its blocks' linear layers set to zero; "
            "it takes the dense model's room and time, unless a program makes use of the zeros"
        )
    yield (
        f"{plain(base.name)}{where}{digest} {done}. It was pruned in one shot by fairprune, and "
        "not trained after that."
    )
    yield ""
    said = code(base.licence["license"]) if base.licence else "not named in its card"
    yield f"Licence, that of the model which was pruned: {said}."
    yield ""


def pruning(
    card: Mapping[str, Any], form: str, calibration: Mapping[str, Any] | None
) -> Iterator[str]:
    """How it was pruned, what each kind of layer lost, and the commands that do it again."""
    how, found = card["parameters"], card["figures"]
    yield from ("## How it was pruned", "")
    target = f"{100 * how['sparsity']:g} % of the weights"
    if how["pattern"] != "unstructured":
        target += f", {plain(how['pattern'])} of consecutive weights kept"
    parts = [f"score {code(how['score'])}", f"compared by {code(how['group'])}"]
    parts += [f"allocation {code(how['allocation'])}"]
    parts += [f"refinement {code(how['refinement'])}"] if how["refinement"] else []
    parts += [f"{code(f'{name}={value}')}" for name, value in how["options"].items()]
    yield f"- Method {code(how['method'])}: {', '.join(parts)}; {target}"
    if removed := found.get("removed_blocks"):
        yield f"- Whole blocks that went: {plain(', '.join(map(str, removed)))}"
    if calibration is not None:
        drawn = {k: v for k, v in calibration["parameters"].items() if k in DRAWN}
        yield f"- Calibration: {settings(drawn | {'seed': calibration['seed']})}"
    elif "calibration" in card["inputs"]:
        yield f"- Calibration: a set whose digest is {code(card['inputs']['calibration'][:16])}"
    else:
        yield "- Calibration: none"
    yield f"- Sparsity reached: {100 * found['sparsity']:.2f} % of {found['weights']:,} weights"
    yield ""
    yield from table(["layers", "of each", "mean", "least", "most"], _by_kind(found["layers"]))
    made = ", ".join(f"{k} {v}" for k, v in card["versions"].items() if k in ("fairprune", "torch"))
    yield from (f"Made with {plain(made)}, and made again by", "")
    yield from block("sh", commands(card, form))


def settings(parameters: Mapping[str, Any]) -> str:
    """Parameters that were set, as code."""
    shown = {k: v for k, v in parameters.items() if v not in (None, [], {}, "")}
    return ", ".join(code(f"{k}={v}") for k, v in shown.items())


def _by_kind(layers: Mapping[str, Mapping[str, Any]]) -> Iterator[list[str]]:
    """Kind of layer → how many there are, and their sparsity, weighted by their size."""
    kinds: dict[str, list[Mapping[str, Any]]] = defaultdict(list)
    for name, figures in layers.items():
        kinds[name.rpartition(".")[2]].append(figures)
    for kind, found in kinds.items():
        pruned, weights = (sum(f[key] for f in found) for key in ("pruned", "weights"))
        shares = [f["sparsity"] for f in found]
        ends = (pruned / weights, min(shares), max(shares))
        yield [code(kind), str(len(found)), *(f"{100 * share:.2f} %" for share in ends)]


def loading(name: str | None, tokenizer: bool) -> Iterator[str]:
    """How to load it."""
    where = json.dumps(name or "FOLDER")
    lines = ["from transformers import AutoModelForCausalLM, AutoTokenizer", ""]
    lines = lines if tokenizer else ["from transformers import AutoModelForCausalLM", ""]
    lines += [f"model = AutoModelForCausalLM.from_pretrained({where})"]
    lines += [f"tokenizer = AutoTokenizer.from_pretrained({where})"] if tokenizer else []
    yield from ("## How to load it", "")
    yield from block("python", lines)

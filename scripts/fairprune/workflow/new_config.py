"""A configuration from a few answers."""

import json
import os
import re
from pathlib import Path

import yaml

from fairprune.data.prompts import PROMPTS
from fairprune.io.atomic import write_text
from fairprune.io.project import PROJECT
from fairprune.workflow.configured import configured
from fairprune.workflow.data_questions import Data

SCHEMA = PROJECT / "config/schema.json"


def write_config(
    output: Path,
    model: dict[str, str],
    data: Data,
    kind: str,
    memory: float,
    sparsities: list[str],
) -> Path:
    """Write the configuration, after the workflow itself has accepted it.

    Args:
        kind: what the opinions are: `reviews`, `tweets`, or another word, which gets a prompt.

    Raises:
        FairpruneError: a part that the workflow refuses; nothing is written then.
    """
    text = compose(output, model, data, kind, memory, sparsities)
    configured(yaml.safe_load(text), str(output))
    write_text(output, text)
    return output


def compose(
    output: Path,
    model: dict[str, str],
    data: Data,
    kind: str,
    memory: float,
    sparsities: list[str],
) -> str:
    """The configuration's text, every key with a word on what it does."""
    name, task = _name(model.get("id") or Path(model["path"]).name), _name(data.path.stem)
    samples, length, batch = (32, 256, 8) if memory == 0 else (128, 512, 4 if memory < 16 else 16)
    lines = [
        f"# yaml-language-server: $schema={os.path.relpath(SCHEMA, output.absolute().parent)}",
        f"results: {_say(f'results/{_name(output.stem)}')}    # everything that the run makes",
        "seed: 42",
        f"device: {'cpu' if memory == 0 else 'auto'}    # auto: what fits goes on the GPU",
        "models:",
        f"  {name}: {_say(model)}",
        *_prompt(kind),
        "tasks:",
        f"  {task}:",
        f"    files: {_say([data.path.as_posix()])}",
        *_said_of(data),
        f"    prompt: {kind}",
        f"    groups: {_say(list(data.groups))}",
        *_pair(data),
        *([f"    per_input: auto    # {data.said}"] if data.single else [f"    # {data.said}"]),
        "    calibration:    # which opinions the methods are calibrated on",
        "      balanced: {mix: balanced}",
        f"calibration: {{samples: {samples}, length: {length}}}    # windows, and tokens a window",
        "methods:    # each is a file in scripts/fairprune/pruning/scores",
        "  magnitude: {}",
        "  wanda: {}",
        "  hgla: {}",
        "grid:    # every method at every sparsity",
        f"  - sparsities: [{', '.join(sparsities)}]",
        f"summaries: {{max_new_tokens: 128, batch_size: {batch}}}    # tokens; inputs at once",
        "fairness: {attributions: [tokens, classifier]}",
    ]
    return "\n".join(lines) + "\n"


def _prompt(kind: str) -> list[str]:
    if kind in PROMPTS:
        return []
    known = PROMPTS["reviews"].after.replace("reviews", kind)
    before = f"{kind.capitalize()} by different people. Each is separated by || : "
    return ["prompts:", f"  {kind}: {_say({'before': before, 'after': known})}"]


def _pair(data: Data) -> list[str]:
    """The two groups with most opinions, unless a command line could not name them."""
    pair = sorted(sorted(data.groups, key=lambda group: data.groups[group])[-2:])
    if any("," in group for group in pair):
        return []
    return [f"    pair: {_say(pair)}    # SPD tells which of the two gains"]


def _said_of(data: Data) -> list[str]:
    """What the file does not say itself."""
    said = {
        "format": None if data.format_name == "auto" else data.format_name,
        **vars(data.reading),
        "columns": data.layout.columns,
        "labels": data.rule,
        "ignore": list(data.layout.ignore),
        "group_by": data.layout.group_by,
    }
    return [f"    {key}: {_say(value)}" for key, value in said.items() if value]


def _name(text: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", text.lower().rpartition("/")[2]).strip("-") or "mine"


def _say(value: object) -> str:
    """A value as YAML on one line (JSON is YAML)."""
    return json.dumps(value, ensure_ascii=False)

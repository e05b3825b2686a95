"""GPU hours of the published experiment: its jobs, counted, by times assumed and times measured.

python benchmarks/grid_cost.py [results/gpu-CARD.json …]

Assumed is what a run says before it starts. Measured is computed from what `make gpu` found of one
model on a card (the part `grid`, and summaries by memory of `decoding`): every time but the start
grows with a model's weights.
"""

import argparse
import json
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import yaml

ROOT = Path(__file__).parents[1]
sys.path[:0] = [str(ROOT / "docs"), str(ROOT / "scripts")]

from performance_page import CORPUS, INPUTS  # noqa: E402 they lie there

from fairprune.workflow.cost import MINUTES, START  # noqa: E402

# What is done → its rules, what a run assumes of it, and how often it goes through the tokens of a
# calibration set.
STEPS = {
    "dense activations": (["measure_activations"], "activations", 1),
    "gradients": (["compute_gradients"], "gradients", 4),
    "pruned models": (["prune_model"], "masks", 2),
    "summaries of a calibration split": (["generate_calibration_summaries"], "summaries", 0),
    "summaries and language ability": (
        ["evaluate_variant", "evaluate_variant_everywhere"],
        "both",
        0,
    ),
}


def jobs() -> dict[str, int]:
    """The jobs of config/config.yaml that a run from nothing would have, by rule."""
    command = [sys.executable, "-m", "snakemake", "--snakefile", str(ROOT / "Snakefile")]
    command += ["--dry-run", "--forceall", "--quiet", "rules"]
    done = subprocess.run(command, capture_output=True, text=True, check=True, cwd=ROOT)
    return {rule: int(n) for rule, n in re.findall(r"^(\w+) +(\d+)$", done.stdout, re.M)}


def assumed(step: str, billions: float) -> float:
    """Minutes of a job with a model of so many billion weights."""
    return START + MINUTES[STEPS[step][1]] * billions


def measured(parts: dict[str, float], tokens: int) -> Callable[[str, float], float]:
    """The same, from a card's figures (`parts_of`); `tokens` are those of a calibration set."""

    def minutes(step: str, billions: float) -> float:
        _, stage, passes = STEPS[step]
        size = 1e9 * billions
        read = passes * tokens + (CORPUS if stage == "both" else 0)
        seconds = parts["start"] + 2 * size / parts["load"] + read * size / parts["forward"]
        if stage in ("summaries", "both"):
            seconds += INPUTS * size / parts["summaries"]
        return seconds / 60

    return minutes


def parts_of(found: dict) -> dict[str, float]:
    """Seconds to start; bytes of weights loaded a second; tokens, and summaries, times weights."""
    rows = {(row["part"], row["what"]): row["value"] for row in found["rows"]}
    return {
        "start": rows["grid", "start"],
        "load": rows["grid", "load"],
        "forward": rows["grid", "forward"] * rows["grid", "weights"],
        "summaries": rows["decoding", "by memory"] * rows["decoding", "weights"],
    }


def table(minutes: Callable[[str, float], float]) -> str:
    """Steps, their jobs and hours; the jobs of a rule are shared evenly by the models."""
    models = yaml.safe_load((ROOT / "config/config.yaml").read_text())["models"].values()
    mean = sum(model["parameters"] for model in models) / len(models)
    counted, total = jobs(), 0.0
    lines = ["| step | jobs | minutes each, on average | GPU hours |", "|---|---|---|---|"]
    for step, (rules, _, _) in STEPS.items():
        count, each = sum(counted.get(rule, 0) for rule in rules), minutes(step, mean)
        total += count * each / 60
        lines.append(f"| {step} | {count} | {each:.1f} | {count * each / 60:.1f} |")
    return "\n".join([*lines, f"| all | | | {total:.0f} |"])


def main() -> None:
    """Print a table of assumed times, and one for every card that is named."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("cards", nargs="*", type=Path, help="Made by `make gpu`.")
    cards = parser.parse_args().cards
    asked = yaml.safe_load((ROOT / "config/config.yaml").read_text())["calibration"]
    print(f"Assumed:\n\n{table(assumed)}")
    for card in cards:
        found = json.loads(card.read_text())
        way = measured(parts_of(found), asked["samples"] * asked["length"])
        print(f"\nFrom what was measured on {found['machine']['gpu']}:\n\n{table(way)}")


if __name__ == "__main__":
    main()

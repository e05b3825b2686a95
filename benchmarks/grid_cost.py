"""GPU hours of the published experiment: its jobs, counted, times assumed minutes each.

python benchmarks/grid_cost.py

Computed, not measured. The assumptions are for one GPU with 80 GB and weights in bfloat16.
"""

import re
import subprocess
import sys
from pathlib import Path

import yaml

ROOT = Path(__file__).parents[1]
START = 0.5  # minutes to start Python, load the libraries, and the weights from a fast disk
# Rules → what is done; minutes beside the start for each billion parameters.
STEPS = {
    ("measure_activations",): ("dense activations", 0.05),
    ("compute_gradients",): ("gradients", 0.25),
    ("prune_model",): ("pruned models", 0.15),
    ("generate_summaries", "generate_summaries_everywhere", "generate_calibration_summaries"): (
        "summaries",
        0.4,
    ),
    ("evaluate_language",): ("language ability", 0.15),
}


def jobs() -> dict[str, int]:
    """The jobs of config/config.yaml that a run from nothing would have, by rule."""
    command = [sys.executable, "-m", "snakemake", "--snakefile", str(ROOT / "Snakefile")]
    command += ["--dry-run", "--forceall", "--quiet", "rules"]
    done = subprocess.run(command, capture_output=True, text=True, check=True, cwd=ROOT)
    return {rule: int(n) for rule, n in re.findall(r"^(\w+) +(\d+)$", done.stdout, re.M)}


def main() -> None:
    """Print the table; the jobs of a rule are shared evenly by the models."""
    models = yaml.safe_load((ROOT / "config/config.yaml").read_text())["models"].values()
    mean = sum(model["parameters"] for model in models) / len(models)
    counted, total = jobs(), 0.0
    print("| step | jobs | minutes each, on average | GPU hours |\n|---|---|---|---|")
    for rules, (name, factor) in STEPS.items():
        count, minutes = sum(counted.get(rule, 0) for rule in rules), START + factor * mean
        total += count * minutes / 60
        print(f"| {name} | {count} | {minutes:.1f} | {count * minutes / 60:.1f} |")
    print(f"| all | | | {total:.0f} |")


if __name__ == "__main__":
    main()

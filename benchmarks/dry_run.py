"""What Snakemake needs to plan 5,000 jobs: the published experiment with more sparsities.

python benchmarks/dry_run.py [--sparsities 5] [--runs 3]

Beside it a bare workflow of as many jobs, that have nothing but an input, an output and a command:
what Snakemake takes for itself.
"""

import argparse
import re
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import yaml
from measure import report

ROOT = Path(__file__).parents[1]
WAYS = {"ours": (), "ours, for Slurm": ("--profile", str(ROOT / "profiles/slurm"))}
BARE = "a bare workflow of as many jobs"
CHAIN = "abcd"


def ours(folder: Path, *arguments: str) -> tuple[int, float, float]:
    """Jobs planned, seconds, and the processor's seconds."""
    own = ["--snakefile", str(ROOT / "Snakefile"), "--configfile", str(folder / "config.yaml")]
    return dry_run(folder, *own, *arguments)


def bare(folder: Path, jobs: int) -> tuple[int, float, float]:
    """The same of chains of jobs."""
    rules = [f"rule all:\n    input: [f'{CHAIN[-1]}/{{n}}' for n in range({jobs // len(CHAIN)})]"]
    for before, name in zip(" " + CHAIN, CHAIN, strict=False):
        needs = f"    input: '{before}/{{n}}'\n" if before != " " else ""
        made = f"    output: '{name}/{{n}}'\n    shell: 'touch {{output}}'"
        rules.append(f"rule {name}:\n{needs}{made}")
    file = folder / "Snakefile"
    file.write_text("\n".join(rules))
    return dry_run(folder, "--snakefile", str(file))


def dry_run(folder: Path, *arguments: str) -> tuple[int, float, float]:
    """The same of any workflow."""
    command = [sys.executable, "-m", "snakemake", "--directory", str(folder), *arguments]
    command += ["--dry-run", "--quiet", "rules"]
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    started = time.perf_counter()
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    elapsed = time.perf_counter() - started
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    jobs = int(re.search(r"^total +(\d+)", done.stdout + done.stderr, re.M)[1])
    return jobs, elapsed, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def main() -> None:
    """Plan it several times each way, in turn, and write the result."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sparsities", type=int, default=5)
    parser.add_argument("--runs", type=int, default=3)
    options = parser.parse_args()
    config = yaml.safe_load((ROOT / "config/config.yaml").read_text())
    config["grid"] = [{"sparsities": [0.05 * n for n in range(1, options.sparsities + 1)]}]
    rows = {way: [] for way in [*WAYS, BARE]}
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "config.yaml").write_text(yaml.safe_dump(config))
        for _ in range(options.runs):
            for way, arguments in WAYS.items():
                rows[way].append(ours(Path(folder), *arguments))
            rows[BARE].append(bare(Path(folder), rows["ours"][0][0]))
    jobs = rows["ours"][0][0]
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * 1024
    ways = {
        way: {
            "median_seconds": statistics.median(seconds for _, seconds, _ in found),
            "least_seconds": min(seconds for _, seconds, _ in found),
            "greatest_seconds": max(seconds for _, seconds, _ in found),
            "median_processor_seconds": statistics.median(used for *_, used in found),
            "peak_bytes": peak,
        }
        for way, found in rows.items()
    }
    report("dry_run", {"jobs": jobs}, ways, "ours")


if __name__ == "__main__":
    main()

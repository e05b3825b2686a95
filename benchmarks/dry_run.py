"""What Snakemake needs to plan 5,000 jobs: the published experiment with more sparsities.

python benchmarks/dry_run.py [--sparsities 5] [--runs 3]
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


def dry_run(folder: Path, *arguments: str) -> tuple[int, float, float]:
    """Jobs planned, seconds, and the processor's seconds."""
    command = [sys.executable, "-m", "snakemake", "--snakefile", str(ROOT / "Snakefile")]
    command += ["--directory", str(folder), "--configfile", str(folder / "config.yaml")]
    command += ["--dry-run", "--quiet", "rules", *arguments]
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
    rows = {way: [] for way in WAYS}
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "config.yaml").write_text(yaml.safe_dump(config))
        for _ in range(options.runs):
            for way, arguments in WAYS.items():
                rows[way].append(dry_run(Path(folder), *arguments))
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

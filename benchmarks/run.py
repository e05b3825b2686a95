"""Run every benchmark of this folder, and write the table of README.md from their results.

python benchmarks/run.py            all, on this machine's CPU
python benchmarks/run.py --table    the table only, from results/*.json
"""

import json
import subprocess
import sys
from pathlib import Path

import gpu

HERE = Path(__file__).parent
HELPERS = {"run", "measure", "public_norms", "one_block", "grid_cost"}
BY_HAND = {"each_method", "real_model", "writing", "gpu"}  # of a model on the disk; on a GPU
MARK = "<!-- table -->\n"


def rows(result: dict) -> list[str]:
    """The table's rows of one result: a way each, our own first."""
    parameters = ", ".join(f"{key} {value}" for key, value in result["parameters"].items())
    lines = []
    for way, figures in result["ways"].items():
        ratio = figures["processor_seconds_to_ours"]
        aim = f"≥ {result['aims'][way]:.2f}" if way in result.get("aims", {}) else ""
        memory = figures["peak_bytes"] / 2**20
        lines.append(
            f"| {result['name']} | {way} | {figures['median_seconds']:.3g} | "
            f"{figures['median_processor_seconds']:.3g} | {ratio:.2f} | {aim} | {memory:.0f} | "
            f"{parameters} |"
        )
    return lines


def table() -> str:
    """All results of speed and memory as Markdown, with the machine named."""
    results = [json.loads(file.read_text()) for file in sorted((HERE / "results").glob("*.json"))]
    results = [
        result for result in results if "ways" in result
    ]  # verdicts have a page of their own
    machine = results[0]["machine"] if results else {}
    named = ", ".join(f"{key} {value}" for key, value in machine.items() if value is not None)
    head = (
        "| benchmark | way | s (median) | processor s "
        "| against ours | aim | peak MiB | parameters |\n"
        "|---|---|---|---|---|---|---|---|\n"
    )
    return (
        f"Measured on: {named}.\n\n{head}" + "\n".join(r for x in results for r in rows(x)) + "\n"
    )


def main() -> None:
    """Run the programs, then rewrite what stands below the mark in README.md."""
    if "--table" not in sys.argv:
        for program in sorted(HERE.glob("*.py")):
            if program.stem not in HELPERS | BY_HAND:
                print(program.stem, file=sys.stderr)
                subprocess.run([sys.executable, str(program)], check=True)
    readme = HERE / "README.md"
    before = readme.read_text(encoding="utf-8").partition(MARK)[0]
    on_gpus = [
        gpu.table(json.loads(f.read_text())) for f in sorted(HERE.glob("results/gpu-*.json"))
    ]
    readme.write_text("\n".join([before + MARK, table(), *on_gpus]), encoding="utf-8")
    print(readme)


if __name__ == "__main__":
    main()

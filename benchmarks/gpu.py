"""What a GPU makes of it: one table, some minutes, from nothing but this checkout and ../shared.

python benchmarks/gpu.py [PART …] [--shape llama-3-8b] [--depth 4] [--shared ../shared]

Parts are the files of gpu_parts/; all of them, where none is named. A model has random weights,
made on the device; `depth` is how many of its blocks are measured where a time is scaled to all.
Each part goes on where another failed, and the exit status says whether one did.
"""

import argparse
import importlib
import json
import sys
import time
import traceback
from pathlib import Path

import torch
from measure import RESULTS, SHAPES, machine

HERE = Path(__file__).parent
PARTS = sorted(f.stem for f in (HERE / "gpu_parts").glob("*.py") if f.stem != "row")


def main() -> None:
    """Run the parts, write `results/gpu-CARD.json`, print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("parts", nargs="*", metavar="PART", help=", ".join(PARTS))
    parser.add_argument("--shape", default="llama-3-8b", choices=list(SHAPES))
    parser.add_argument("--depth", type=int, default=4)
    parser.add_argument("--samples", type=int, default=128)
    parser.add_argument("--tokens", type=int, default=512)
    parser.add_argument("--device", default="cuda" if torch.cuda.is_available() else "cpu")
    parser.add_argument("--shared", type=Path, default=HERE.parents[1] / "shared")
    options = parser.parse_args()
    if unknown := set(options.parts) - set(PARTS):
        parser.error(f"no part {', '.join(sorted(unknown))}: there are {', '.join(PARTS)}")
    rows, failed, began = [], [], time.perf_counter()
    for name in options.parts or PARTS:
        print(f"{name} (after {time.perf_counter() - began:.0f} s)", file=sys.stderr)
        try:
            rows += run(name, options)
        except Exception:  # the others are worth having all the same
            traceback.print_exc()
            failed.append(name)
    result = {"machine": machine(), "parameters": _plain(options), "rows": rows, "failed": failed}
    if card := result["machine"]["gpu"]:  # elsewhere it is a rehearsal
        name = f"gpu-{card.lower().replace(' ', '-')}.json"
        (RESULTS / name).write_text(json.dumps(result, indent=2) + "\n")
    print(table(result))
    sys.exit(bool(failed))


def run(name: str, options: argparse.Namespace) -> list[dict]:
    """The rows of one part."""
    rows = importlib.import_module(f"gpu_parts.{name}").rows(options)
    if torch.cuda.is_available():
        torch.cuda.empty_cache()
    return [{"part": name, **row} for row in rows]


def _plain(options: argparse.Namespace) -> dict[str, object]:
    kept = ("shape", "depth", "samples", "tokens", "device")
    return {name: vars(options)[name] for name in kept}


def table(result: dict) -> str:
    """The rows of a result as Markdown, with the machine named."""
    named = ", ".join(f"{k} {v}" for k, v in result["machine"].items() if v is not None)
    said = ", ".join(f"{key} {value}" for key, value in result["parameters"].items())
    lines = [f"Measured on: {named}; {said}.", ""]
    if result["failed"]:
        lines += [f"Failed: {', '.join(result['failed'])}.", ""]
    lines += ["| part | what | found | aim | peak GB |", "|---|---|---|---|---|"]
    for row in result["rows"]:
        peak = "" if row["peak_bytes"] is None else f"{row['peak_bytes'] / 1e9:.1f}"
        mark = {True: "", False: " (missed)", None: ""}[row["reached"]]
        lines.append(
            f"| {row['part']} | {row['what']} | {row['found']}{mark} | {row['aim']} | {peak} |"
        )
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    main()

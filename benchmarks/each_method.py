"""What each method costs on a real model, and what it leaves of the model's language ability.

python benchmarks/each_method.py MODEL [--work FOLDER] [--only WAY]

MODEL: a folder, as ../shared/tools/real-model makes it. A process each prunes it to 50 % (of
whole blocks 10 %), and to 10, 20 and 30 % where methods are compared with each other, as
docs/hgla.md shows; another one measures the perplexity of WikiText-2. Dense activations and
gradients are given as files, as in the workflow, where they are measured once for all variants.
Times and memory are those of the whole command, with Python, PyTorch and the model: magnitude shows
what these take. Hours; what stands in the result file already is not done again.
"""

import argparse
import json
import os
import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from measure import RESULTS, report

ROOT = Path(__file__).parents[1]
REVIEWS = ROOT.parent / "shared/data/perspectivesumm_reviews/amazon_300.jsonl"
TEXT = ROOT.parent / "shared/data/wikitext2/test_raw.txt"
SAMPLES, LENGTH, WINDOWS = 16, 512, 9  # windows of 512 tokens of calibration, and of the corpus
COMPARED = ("0.10", "0.20", "0.30", "0.50")
METHODS = {
    "magnitude": COMPARED,
    "wanda": COMPARED,
    "sparsegpt": COMPARED,
    "gblm": COMPARED,
    "gradient": COMPARED,
    "hgla": COMPARED,
    "hgla-repository": COMPARED,
    **dict.fromkeys(("random", "multiflow", "ria", "ria-repository", "admm"), ("0.50",)),
    "shortgpt": ("0.10",),
    **dict.fromkeys(
        (
            *("wanda + owl", "wanda + dlp", "wanda + alphapruning", "wanda + dsnot"),
            *("wanda + sparseswaps", "wanda + neuroal-block", "wanda + neuroal-row"),
            "wanda + neuroal",
        ),
        ("0.50",),
    ),
}
REFINEMENTS = ("dsnot", "sparseswaps")


def run(entry: str, *options: object) -> dict[str, float]:
    """Run a step: its seconds, its processor's, and its largest resident memory in bytes."""
    return measured(ROOT / f"scripts/{entry}.py", *options)


def measured(script: Path, *options: object) -> dict[str, float]:
    """The same of any script that says its peak memory at the end.

    The shell stands between, as a child takes over its parent's peak, and this process is large.
    """
    started = time.perf_counter()
    command = [sys.executable, str(script), *map(str, options)]
    shell = ["sh", "-c", '"$@"; exit $?', "sh", *command]
    child = subprocess.Popen(shell, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    said = child.stderr.read()
    _, status, used = os.wait4(child.pid, 0)
    if status:
        sys.exit(f"error: {said}")
    memory = re.search(r"peak memory (\d+) MiB", said)
    return {
        "median_seconds": time.perf_counter() - started,
        "median_processor_seconds": used.ru_utime + used.ru_stime,
        "peak_bytes": int(memory[1]) * 2**20,
    }


def prepare(model: Path, work: Path) -> dict[str, dict[str, float]]:
    """Calibration set, corpus, activations and both gradients, in `work`; what measuring costs."""
    from transformers import AutoTokenizer

    task, ids, corpus = work / "task.parquet", work / "ids.safetensors", work / "corpus.txt"
    if not ids.is_file():
        columns = ("--columns", "opinions=input", "--columns", "labels=silver_label")
        split = ("--ignore", "neu", "--split", "calibration", "--output", task)
        run("prepare_task", "--input", REVIEWS, *columns, *split)
        windows = ("--samples", SAMPLES, "--length", LENGTH, "--prompt", "reviews")
        run("prepare_calibration", "--model", model, "--texts", task, *windows, "--output", ids)
    text = TEXT.read_text(encoding="utf-8")[:40_000]
    places = AutoTokenizer.from_pretrained(model)(text, return_offsets_mapping=True)
    corpus.write_text(text[: places["offset_mapping"][WINDOWS * LENGTH - 1][1]], encoding="utf-8")
    costs = {}
    given = ("--model", model, "--calibration", ids, "--output")
    for name, (entry, *how) in {
        "activations": ("measure_activations",),
        "gradients-full": ("compute_gradients", "--loss", "full", "--norm", "l2"),
        "gradients-last_token": ("compute_gradients", "--loss", "last_token", "--norm", "l2"),
    }.items():
        if not (work / f"{name}.safetensors").is_file():
            costs[name] = run(entry, *given, work / f"{name}.safetensors", *how)
    return costs


def perplexity(model: Path, work: Path, pruned: Path | None) -> float:
    """Of the corpus, in windows of 512 tokens."""
    output = work / "language.json"
    variant = () if pruned is None else ("--pruned", pruned)
    corpus = ("--corpus", f"wikitext2={work / 'corpus.txt'}", "--window", LENGTH)
    run("evaluate_language", "--model", model, *variant, *corpus, "--output", output)
    return json.loads(output.read_text())["perplexity"][0]["perplexity"]


def pruned(model: Path, work: Path, way: str, sparsity: str) -> dict[str, float]:
    """Prune to `work`/pruned; what that costs."""
    method, _, top = way.partition(" + ")
    kind = "--refinement" if top in REFINEMENTS else "--allocation"
    loss = "last_token" if method.startswith("hgla") else "full"
    return run(
        "prune_model",
        *("--model", model, "--method", method, "--sparsity", sparsity),
        *((kind, top) if top else ()),
        *("--calibration", work / "ids.safetensors"),
        *("--activations", work / "activations.safetensors"),
        *("--gradients", work / f"gradients-{loss}.safetensors"),
        *("--output", work / "pruned"),
    )


def main() -> None:
    """Do what is not done yet, and write the result after each step."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("model", type=Path)
    parser.add_argument("--work", type=Path, default=None)
    parser.add_argument("--only", action="append", choices=METHODS)
    options = parser.parse_args()
    file = RESULTS / "each_method.json"
    parameters = {"model": options.model.name, "samples": SAMPLES, "tokens": LENGTH}
    known = json.loads(file.read_text()) if file.is_file() else {}
    known = known if known.get("parameters") == parameters else {}
    ways, costs = known.get("ways", {}), known.get("measured_once", {})
    found = known.get("perplexity", {})
    with tempfile.TemporaryDirectory() as temporary:
        work = options.work or Path(temporary)
        work.mkdir(exist_ok=True)
        costs |= prepare(options.model, work)
        if "dense" not in found:
            found["dense"] = {"0.00": perplexity(options.model, work, None)}
        for way in options.only or METHODS:
            for sparsity in METHODS[way]:
                measured = way in ways or sparsity != METHODS[way][-1]
                if measured and sparsity in found.get(way, {}):
                    continue
                cost = pruned(options.model, work, way, sparsity)
                if not measured:
                    ways[way] = cost
                value = perplexity(options.model, work, work / "pruned")
                found.setdefault(way, {})[sparsity] = value
                if ways:
                    ours = "magnitude" if "magnitude" in ways else next(iter(ways))
                    more = {"measured_once": costs, "perplexity": found}
                    report("each_method", parameters, ways, ours, **more)


if __name__ == "__main__":
    main()

"""A small results folder in the formats that the steps write, with figures drawn from a seed."""

import random
from pathlib import Path

import numpy as np
import pyarrow as pa

from fairprune.bias.step import compare_items
from fairprune.fairness.compare_step import compare_variants
from fairprune.fairness.files import CHANCE, COLUMNS
from fairprune.io.cards import find_card, write_card
from fairprune.io.places import items_file
from fairprune.io.tables import write_json, write_jsonl, write_parquet
from fairprune.io.variants import GIVEN, Variant
from fairprune.language.items import write_items
from fairprune.pruning.packed import write_masks

GROUPS = {"reviews": ["negative", "positive"], "politics": ["Meadow", "River"]}
ATTRIBUTIONS = ("tokens", "classifier")
WITH_CHANCE = ("bur", "uer", "auc", "tv", "gap")
METRICS = (*WITH_CHANCE, *(f"{name}_excess" for name in WITH_CHANCE), "sof", "spd", "spd2")
SHARES = pa.schema([*COLUMNS, *((CHANCE + name, pa.float64()) for name in WITH_CHANCE)])
LAYERS = [
    f"model.layers.{block}.{layer}"
    for block in range(3)
    for layer in ("self_attn.q_proj", "self_attn.o_proj", "mlp.gate_proj", "mlp.down_proj")
]
TASK = pa.schema(
    [
        ("id", pa.string()),
        ("opinions", pa.list_(pa.string())),
        ("labels", pa.list_(pa.string())),
        ("mix", pa.string()),
        ("references", pa.list_(pa.string())),
    ]
)
HOSTILE = (
    "</script><script>window.broken = 1</script><img src=x onerror='window.broken=1'> & \u2028"
)


def make_results(
    folder: Path,
    *,
    models=("tiny",),
    methods=("random", "magnitude", "wanda", "gblm", "hgla"),
    sparsities=("0.10", "0.30", "0.50", "2of4"),
    sets=("balanced", "proportional"),
    compressed=(),
    inputs=12,
    seed=7,
) -> Path:
    """Write a results folder and return it."""
    dice = random.Random(seed)
    variants = []
    for model in models:
        variants.append(Variant(model, "dense", "none", "0.00"))
        for method in methods:
            free = method in ("random", "magnitude")
            calibrations = ["none"] if free else [f"{t}.{s}" for t in GROUPS for s in sets]
            variants += [Variant(model, method, c, s) for c in calibrations for s in sparsities]
        variants += [Variant(model, name, "none", GIVEN) for name in compressed]
    for task, groups in GROUPS.items():
        _task(folder, task, groups, inputs, dice)
    for variant in variants:
        for task in GROUPS:
            if variant.calibration in ("none",) or variant.calibration.startswith(task):
                _judged(folder, variant, task, inputs, dice)
        _language(folder, variant)
        if variant.given:
            _given(folder, variant)
        elif not variant.dense:
            _pruned(folder, variant, dice)
    for model in models:
        _biased(folder, [v for v in variants if v.model == model])
        for task in GROUPS:
            _compared(folder, [v for v in variants if v.model == model], task)
    _annotation(folder, [v for v in variants if v.calibration in ("none", "reviews.balanced")])
    (folder / "config.yaml").write_text("seed: 42\nresults: results\n# <b>no tag</b>\n")
    _cards(folder)
    return folder


def _cards(folder):
    """A card for every file that has none."""
    for stage in ("tasks", "quality", "language", "comparisons"):
        for file in sorted((folder / stage).rglob("*")):
            if file.is_file() and find_card(file) is None:
                write_card(file, stage=stage, files=[file], parameters={})


def damage(variant: Variant) -> float:
    """How far a variant is from the dense model, 0 to 1."""
    strength = {"random": 1.6, "magnitude": 1.0, "wanda": 0.6, "gblm": 0.5, "hgla": 0.55}
    return min(1.0, strength.get(variant.method, 0.0) * variant.fraction**1.5)


def _task(folder, task, groups, inputs, dice):
    rows = []
    for number in range(inputs):
        labels = [groups[dice.random() < (0.25, 0.5, 0.75)[number % 3]] for _ in range(8)]
        labels[:2] = groups
        rows.append(
            {
                "id": f"{task}-{number:03d}",
                "opinions": [
                    f"Opinion {i} says that the service was {label} & <b>plain</b>."
                    for i, label in enumerate(labels)
                ],
                "labels": labels,
                "mix": (f"{groups[0]}-heavy", "balanced", f"{groups[1]}-heavy")[number % 3],
                "references": ["The service was good for some and bad for others."],
            }
        )
    rows[0]["opinions"][0] = HOSTILE
    write_parquet(folder / "tasks" / task / "test.parquet", rows, TASK)


def _judged(folder, variant, task, inputs, dice):
    groups, harm = GROUPS[task], damage(variant)
    broken = max(0.0, harm - 0.45)
    summaries = folder / "summaries" / str(variant) / task / "test.jsonl"
    write_jsonl(
        summaries,
        [
            {
                "id": f"{task}-{i:03d}",
                "summary": HOSTILE
                if i == 0
                else f"The {groups[i % 2]} service. It was {harm:.2f}.",
                "prompt_tokens": 100 + i,
                "opinions_seen": 8,
                "finish": "stop",
            }
            for i in range(inputs)
        ],
    )
    write_card(summaries, stage="generate_summaries", files=[summaries], parameters={})
    rows, metrics = [], []
    for attribution in ATTRIBUTIONS:
        for i in range(inputs):
            p = (0.25, 0.5, 0.75)[i % 3]
            q = min(1.0, max(0.0, p + harm * 0.5 + dice.gauss(0, 0.05)))
            valid = i >= round(inputs * broken)
            for group, share, got in zip(groups, (p, 1 - p), (q, 1 - q), strict=True):
                rows.append(
                    {
                        "id": f"{task}-{i:03d}",
                        "mix": "balanced",
                        "attribution": attribution,
                        "group": group,
                        "p": share,
                        "q": got if valid else None,
                        "valid": valid,
                        **{CHANCE + name: 0.03 if valid else None for name in WITH_CHANCE},
                    }
                )
        for metric in METRICS:
            for stratum in ("all", "balanced", f"{groups[0]}-heavy", f"{groups[1]}-heavy"):
                value = 0.12 + 0.5 * harm + dice.gauss(0, 0.008) - 0.03 * ("excess" in metric)
                if metric == "spd2" and stratum != "all":
                    value = None
                lost = round(inputs * broken)
                metrics.append(
                    {
                        "attribution": attribution,
                        "metric": metric,
                        "stratum": stratum,
                        "value": value,
                        "low": None if value is None else value - 0.03,
                        "high": None if value is None else value + 0.03,
                        "n": inputs - lost,
                        "n_invalid": lost,
                    }
                )
    file = folder / "fairness" / str(variant) / f"{task}.json"
    write_parquet(file.with_suffix(".parquet"), rows, SHARES)
    strata = ("balanced", f"{groups[0]}-heavy", f"{groups[1]}-heavy")
    found = {
        "variant": str(variant),
        "task": task,
        "groups": groups,
        "metrics": metrics,
        "settings": {
            "pair": groups,
            "ignore": [],
            "options": {},
            "language": "en",
            "seed": 42,
            "resamples": 2000,
        },
        "counts": {"inputs": inputs},
        "attributions": {
            name: {
                **{"valid": inputs, "chance": list(WITH_CHANCE)},
                "sensitivity": {
                    "J": 0.8,
                    "groups": {
                        group: {"J": 0.8, "recall": 0.9, "false": 0.1, "sentences": 48}
                        for group in groups
                    },
                },
            }
            for name in ATTRIBUTIONS
        },
        "shares": [
            {
                **{"attribution": name, "group": group, "input": 0.5, "input_low": 0.4},
                **{"input_high": 0.6, "summary": 0.5 + sign * harm / 3, "low": 0.3, "high": 0.7},
                "n": inputs,
            }
            for name in ATTRIBUTIONS
            for group, sign in zip(groups, (1, -1), strict=True)
        ],
        "texts": [f"{variant.method} {i}" for i in range(inputs)],
        "sentences": {"tokens": [[[0.6, 0.4], None] for _ in range(inputs)]},
        "inputs": [
            {"id": f"{task}-{i:03d}", "stratum": strata[i % 3], "unit": i} for i in range(inputs)
        ],
    }
    write_json(file, found)
    write_card(
        file,
        stage="evaluate_fairness",
        files=[file, file.with_suffix(".parquet")],
        parameters={"tau": 0.8},
        seed=42,
    )
    quality = {
        "rouge1": 0.42 - 0.3 * harm,
        "rougeL": 0.31 - 0.25 * harm,
        "compression": 0.2 + 0.1 * harm,
        "length": 30 + 40 * harm,
        "copied": 0.3 + 0.4 * harm,
        "position": 0.45 - 0.3 * harm,
        "distinct2": 0.8 - 0.5 * harm,
        "validity": 1 - broken,
    }
    names = [name for name in quality if name != "validity"]
    drawn = [
        {"id": f"{task}-{i:03d}", "validity": 1.0}
        | {name: quality[name] + dice.gauss(0, 0.03) for name in names}
        for i in range(inputs)
    ]
    schema = pa.schema(
        [("id", pa.string()), *((name, pa.float64()) for name in [*names, "validity"])]
    )
    write_parquet(folder / "quality" / str(variant) / f"{task}.parquet", drawn, schema)
    write_json(
        folder / "quality" / str(variant) / f"{task}.json",
        {
            "variant": str(variant),
            "task": task,
            "metrics": [
                {"metric": m, "value": v, "low": v - 0.02, "high": v + 0.02, "n": inputs}
                for m, v in quality.items()
            ],
        },
    )


def _annotation(folder, variants):
    """What two people said of the reviews that some variants of a model summarised."""
    model = variants[0].model
    rates = [
        {
            **{"question": question, "variant": str(variant), "against": "dense"},
            **{"value": 0.5 - 0.4 * damage(variant), "low": 0.1, "high": 0.7, "n": 9},
            **{"wins": 4, "ties": 6, "losses": 8, "identical": 0},
        }
        for question in ("fairer", "better")
        for variant in variants
        if variant.model == model and not variant.dense
    ]
    file = folder / "annotation" / model / "reviews" / "results.json"
    write_json(
        file,
        {
            "task": "reviews",
            "annotators": [{"name": name, "answers": 18} for name in ("anna", "ben")],
            "agreement": [
                {"question": "fairer", "alpha": 0.42, "pairs": 18},
                {"question": "better", "alpha": None, "pairs": 0},
            ],
            "win_rates": rates,
        },
    )
    write_card(file, stage="read_annotation", files=[file], parameters={"task": "reviews"}, seed=42)


def _language(folder, variant):
    value = 9.5 * (1 + 12 * damage(variant) ** 2)
    figures = {"window": 256, "beginning": "every", "windows": 40, "tokens": 10240}
    figures |= {"scored": 10200, "loss": 2.0, "perplexity": value}
    write_json(
        folder / "language" / f"{variant}.json",
        {
            "variant": str(variant),
            "perplexity": [{"corpus": "stories", **figures}],
            "zero_shot": [
                {"task": "arc_easy", "metric": "acc", "value": 0.5, "stderr": 0.02, "n": 200}
            ],
        },
    )
    file = folder / "language" / f"{variant}.json"
    write_items(items_file(file), _items(variant))
    cost = {"parameters": 10**6, "memory_bytes": 4 * 10**6, "disk_bytes": 2 * 10**6}
    cost |= {"tokens": 10240, "seconds": 5.12}
    files = [file, items_file(file)]
    about = {"stage": "evaluate_language", "files": files, "parameters": {}}
    write_card(file, **about, figures={"cost": cost})


def _items(variant):
    """Pairs of which a damaged model finds more stereotypes likelier; two kinds of them."""
    return [
        {
            **{"task": "crows_pairs_local", "metric": "pct_stereotype", "item": n, "hash": f"h{n}"},
            **{"unit": None, "stratum": ("age", "gender")[n % 2]},
            "value": float(n < 13 + 13 * damage(variant)),
        }
        for n in range(26)
    ]


def _biased(folder, variants):
    """What the variants of a model got on those items, against it, by the step itself."""
    files = {v: folder / "language" / f"{v}.json" for v in variants}
    dense = next(file for variant, file in files.items() if variant.dense)
    pruned = [file for variant, file in files.items() if not variant.dense]
    compare_items(pruned, dense, folder / "bias" / f"{variants[0].model}.parquet")


def _pruned(folder, variant, dice):
    target = folder / "pruned" / str(variant)
    target.mkdir(parents=True)
    mask = target / "mask.safetensors"
    _mask(mask, variant)
    spread = 0.08 if variant.method in ("gblm", "hgla") else 0.0
    layers = {
        layer: {
            **{"rows": 64, "columns": 64, "weights": 4096, "pruned": 2048},
            "sparsity": variant.fraction + dice.uniform(-spread, spread),
        }
        for layer in LAYERS
    }
    write_card(
        target,
        stage="prune_model",
        files=[mask],
        parameters={"method": variant.method, "sparsity": variant.fraction},
        seed=42,
        figures={"layers": layers, "sparsity": variant.fraction},
    )


def _given(folder, variant):
    """A compressed model, of which a third of the weights are zeros."""
    target = folder / "pruned" / str(variant)
    target.mkdir(parents=True)
    (target / "model.gguf").write_bytes(b"GGUF" * 100)
    layer = {"rows": 48, "columns": 64, "weights": 3072, "pruned": 1024, "sparsity": 1 / 3}
    figures = {"sparsity": 1 / 3, "parameters": 900_000, "disk_bytes": 500_000}
    figures |= {"bits_per_weight": 4.5, "layers": dict.fromkeys(LAYERS, layer)}
    files = [target / "model.gguf"]
    write_card(target, stage="inspect_compressed", files=files, parameters={}, figures=figures)


def _mask(path, variant):
    """The lowest of scores that depend on the method, and less on the calibration set."""
    method, whole = (
        np.random.default_rng(list(name.encode()))
        for name in (variant.method, f"{variant.method}/{variant.calibration}")
    )
    bits = {}
    for layer in LAYERS:
        scores = method.random(4096) + 0.2 * whole.random(4096)
        bits[layer] = np.packbits(scores <= np.quantile(scores, variant.fraction))
    write_masks(path, bits, dict.fromkeys(LAYERS, (64, 64)))


def _compared(folder, variants, task):
    """The comparisons of a model's variants, by the step itself."""
    files = {v: folder / "fairness" / str(v) / f"{task}.json" for v in variants}
    judged = {variant: file for variant, file in files.items() if file.is_file()}
    dense = next(file for variant, file in judged.items() if variant.dense)
    pruned = [file for variant, file in judged.items() if not variant.dense]
    output = folder / "comparisons" / variants[0].model / f"{task}.parquet"
    compare_variants(pruned, dense, output, margin=0.3)

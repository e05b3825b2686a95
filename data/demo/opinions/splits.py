"""The demo's splits: drawn by seed, no opinion's text in two inputs."""

import random

from opinions.inputs import Input, Writer, mixes, plans

SIZES = {"train": 96, "calibration": 72, "test": 48}
SEED = 20240


def draw_task(task: str) -> dict[str, list[Input]]:
    """All splits of a task; only the test split pairs topics and claims that are held out."""
    rng = random.Random(f"{SEED}/{task}")
    taken: set[str] = set()
    splits: dict[str, list[Input]] = {split: [] for split in SIZES}
    for split, size in SIZES.items():
        writer = Writer(rng, held_out=split == "test", taken=taken)
        for number in range(size):
            mix = mixes(task)[number % len(mixes(task))]
            drawn = writer.write(task, mix, rng.choice(plans(mix)))
            taken.update(drawn.opinions)
            splits[split].append(drawn)
    return splits


def reserved_opinions(task: str) -> set[str]:
    """The opinions of the calibration and test splits, which training must not see."""
    splits = draw_task(task)
    reserved = splits["calibration"] + splits["test"]
    return {text for drawn in reserved for text in drawn.opinions}

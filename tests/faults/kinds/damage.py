"""Results that were truncated, changed, emptied or exchanged since they were made."""

import json
import os
import shutil

from fairprune.io.cards import find_card
from faults.conftest import FAIRNESS, OTHER, PRUNED, SUMMARIES, TASK
from faults.harness import Bench, Outcome, fault


def _truncate(bench: Bench, target: str, other: str) -> None:
    path = bench.path(target)
    path.write_bytes(path.read_bytes()[:-9])


def _flip(bench: Bench, target: str, other: str) -> None:
    """One bit, in place, under the old time."""
    path = bench.path(target)
    status = path.stat()
    data = bytearray(path.read_bytes())
    place = data.index(b'"pruned": ') + 10 if path.suffix == ".json" else len(data) // 2
    data[place] ^= 1
    path.write_bytes(bytes(data))
    os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))


def _empty(bench: Bench, target: str, other: str) -> None:
    bench.path(target).write_bytes(b"")


def _exchange(bench: Bench, target: str, other: str) -> None:
    shutil.copy(bench.path(other), bench.path(target))


def _without_card(bench: Bench, target: str, other: str) -> None:
    """Changed by somebody who has thrown the card away."""
    path = bench.path(target)
    find_card(path).unlink()
    path.write_bytes(path.read_bytes()[:-1] + b"\n\n")


DAMAGES = {
    "truncated": _truncate,
    "one bit changed, its time set back": _flip,
    "empty": _empty,
    "exchanged with another": _exchange,
}
WITHOUT = "changed, and its card deleted"
MASK, CARD = f"{PRUNED}/mask.safetensors", f"{PRUNED}/card.json"
# What is damaged: the file, another of its kind, what reads it, and what makes it.
FILES = {
    "masks (safetensors)": (MASK, f"{OTHER}/mask.safetensors", SUMMARIES, PRUNED),
    "task (Parquet)": (TASK, TASK.replace("test", "calibration"), FAIRNESS, TASK),
    "card": (CARD, f"{OTHER}/card.json", SUMMARIES, PRUNED),
}


def _refused_then_made_again(bench: Bench, file: str, reader: str, maker: str) -> Outcome:
    right = bench.whole.digests(maker, reader)
    for stale in bench.path(reader).parent.glob("*"):
        stale.unlink()
    done = bench.again(reader)
    file = f"{maker}/card.json" if maker == PRUNED else file
    command = f"snakemake --cores 1 --configfile results/config.yaml --force {file}"
    outcome = bench.refused(done, command, step="the command in the line")
    assert not bench.path(reader).exists()
    assert bench.again(maker).code == 0
    assert bench.again(reader).code == 0
    assert bench.digests(maker, reader) == right
    return outcome


def _register(where: str, injected: str) -> None:
    file, other, reader, maker = FILES[where]

    @fault(where, injected)
    def damaged(bench: Bench) -> Outcome:
        DAMAGES[injected](bench, file, other)
        return _refused_then_made_again(bench, file, reader, maker)


for where in FILES:
    for injected in DAMAGES:
        _register(where, injected)
DAMAGES[WITHOUT] = _without_card
FILES["summaries"] = (SUMMARIES, "", FAIRNESS, SUMMARIES)
for where in ("masks (safetensors)", "task (Parquet)", "summaries"):
    _register(where, WITHOUT)


@fault("masks and their card", "exchanged with another variant's, both")
def exchanged_folder(bench: Bench) -> Outcome:
    shutil.rmtree(bench.path(PRUNED))
    shutil.copytree(bench.path(OTHER), bench.path(PRUNED))
    right = bench.path(SUMMARIES).read_bytes()
    bench.path(SUMMARIES).unlink()
    outcome = bench.refused(bench.again(SUMMARIES), "--force", step="the command in the line")
    assert bench.again(PRUNED).code == bench.again(SUMMARIES).code == 0
    assert bench.path(SUMMARIES).read_bytes() == right
    return outcome


@fault("card", "a figure edited by hand")
def edited_card(bench: Bench) -> Outcome:
    card = json.loads(bench.path(CARD).read_text())
    card["figures"]["pruned"] += 1
    bench.path(CARD).write_text(json.dumps(card))
    return _refused_then_made_again(bench, MASK, SUMMARIES, PRUNED)


@fault("model", "a weight changed in the folder that a local model is linked from")
def changed_model(bench: Bench) -> Outcome:
    _flip(bench, "model/model.safetensors", "")
    done = bench.again(PRUNED)
    outcome = bench.refused(done, "model.safetensors has changed", step="the download step again")
    assert bench.again("data/models/demo").code == 0
    assert bench.again(PRUNED).code == 0
    return outcome

"""The fairness of one set of summaries: attributions, metrics, strata, intervals."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from fairprune.errors import FairpruneError
from fairprune.fairness import inference
from fairprune.fairness.clusters import Units, units_of
from fairprune.fairness.declare import Context
from fairprune.fairness.inputs import Item, examples_of, first_samples, match
from fairprune.fairness.measuring import Measured, add
from fairprune.fairness.results import Evaluation, Input
from fairprune.fairness.settings import check_needs, checked_pair, read_settings
from fairprune.fairness.strata import stratum
from fairprune.io.hashing import derive_seed, sha256_data
from fairprune.text.languages import spoken
from fairprune.text.validity import Validity, taken, validity


def evaluate(
    inputs: Iterable[Any],
    summaries: Iterable[Any] | Mapping[str, str | Sequence[str]],
    *,
    attributions: Sequence[str] | None = None,
    train: Iterable[Any] = (),
    pair: Sequence[str] | None = None,
    tau: float = 0.8,
    ignore: Sequence[str] = (),
    options: Mapping[str, Any] | None = None,
    language: str | None = None,
    device: str = "auto",
    seed: int = 42,
) -> Evaluation:
    """How fair summaries are to the groups whose opinions they sum up.

    Args:
        inputs: rows with `id, opinions, labels` [, `mix`], as mappings or objects.
        summaries: rows with `id, summary` [, `opinions_seen`, `sample`], or id → summary or
            summaries, of exactly these inputs, or texts in their order. Where inputs have several
            samples, figures are means over those that are valid.
        attributions: names; by default `tokens`, and `classifier` too where `train` is given. The
            first is the one that the primary result is judged under.
        train: rows as `inputs`, from outside them, for the embedded classifier; opinions that
            also stand in the inputs are left out.
        pair: groups A and B of SPD; by default the two groups, sorted, where there are two;
            with more groups and no pair SPD is undefined.
        tau: the share of p that q must reach, for BUR.
        ignore: labels that are no group (neutral).
        options: `PART.NAME` → value, of attributions and metrics (`tokens.source_share`).
        language: of the texts, a code of ISO 639; by default as the opinions' script tells, `en`
            where it is Latin.
        device: `auto`, `cpu` or `cuda`, for attributions with a model.
        seed: root seed of the bootstrap; the resamples also depend on the inputs' ids, and on
            nothing else.

    Raises:
        FairpruneError: a mistake in what was given, before anything is computed.
    """
    train = list(train)
    names = list(attributions or (["tokens", "classifier"] if train else ["tokens"]))
    settings = read_settings(names, {"bur.tau": tau, **(options or {})})
    check_needs(settings, bool(train))
    items = match(inputs, summaries, ignore)
    examples = examples_of(train, items, ignore)
    groups = tuple(sorted({group for item in items for group in item.groups}))
    if not groups:
        raise FairpruneError(
            "no opinion counts: each has an ignored label, or was not seen; name fewer labels to "
            "ignore, or other inputs"
        )
    labels = {*groups, *(group for _, group in examples)}
    pair = checked_pair(pair, labels, groups)
    tongue = spoken(language, (text for item in items for text in item.opinions))

    firsts = first_samples(items)
    samples = len(items) // len(firsts)
    units = units_of([item.opinions for item in firsts])
    described = [
        Input(item.id, stratum(item), unit)
        for item, unit in zip(firsts, units.numbers.tolist(), strict=True)
    ]
    judged = [validity(item.summary, item.opinions, tongue) for item in items]
    # What is no summary is attributed as an empty one: p is known, q is not.
    sound = [
        item if judge.valid else replace(item, summary="")
        for item, judge in zip(items, judged, strict=True)
    ]
    result = Evaluation(
        groups=groups,
        figures=[],
        shares=[],
        inputs=described,
        settings={
            "pair": list(pair) if pair else None,
            "ignore": sorted(ignore),
            "options": settings.chosen(),
            "language": tongue,
            "samples": samples,
            "seed": seed,
            "resamples": inference.RESAMPLES,
        },
        counts=_counts(firsts, described, judged, units),
        attributions={},
        texts=_digests(items, samples),
        labels=[item.labels for item in firsts],
    )
    step = Measured(
        sound,
        settings,
        quoted_share(sound, tongue),
        inference.resample_counts(
            units.numbers, derive_seed(seed, "bootstrap", *(item.id for item in firsts))
        ),
    )
    context = Context((*sorted(labels),), examples, tongue, device)
    for method, chosen in settings.attributions:
        add(result, method, method.find(sound, context, **chosen), step)
    return result


def _digests(items: Sequence[Item], samples: int) -> list[str]:
    """Of every input a digest of its summary, or of all its summaries."""
    texts = [item.summary for item in items]
    if samples == 1:
        return [sha256_data(text)[:16] for text in texts]
    places = range(0, len(texts), samples)
    return [sha256_data(texts[first : first + samples])[:16] for first in places]


def quoted_share(items: Sequence[Item], language: str) -> float:
    """The share of all summaries' content tokens that occur in their input; 1 without a token."""
    counts = [taken(item.summary, item.opinions, language) for item in items]
    inside, whole = (sum(column) for column in zip(*counts, strict=True))
    return inside / whole if whole else 1.0


def _counts(
    items: Sequence[Item], described: Sequence[Input], judged: Sequence[Validity], units: Units
) -> dict[str, Any]:
    """How many of each; `units` are `clusters` of connected inputs, or inputs (see `clusters`)."""
    return {
        "inputs": len(items),
        "one_group": sum(entry.stratum is None for entry in described),
        "clusters": units.clusters,
        "units": len({entry.unit for entry in described}),
        "pool": units.pool,
        "opinions_dropped": sum(item.opinions_dropped for item in items),
        **{
            what: sum(getattr(judge, what) for judge in judged)
            for what in ("empty", "short", "repeated", "invented")
        },
    }

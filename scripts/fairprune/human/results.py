"""From filled sheets to win rates against another model and to annotators' agreement."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from fairprune.errors import FairpruneError
from fairprune.fairness import inference
from fairprune.fairness.figures import number
from fairprune.fairness.shares import Terms
from fairprune.human.agreement import krippendorff_alpha
from fairprune.human.answers import QUESTIONS, read_sheets
from fairprune.io.cards import verified, write_card
from fairprune.io.hashing import derive_seed
from fairprune.io.tables import read_json, write_json

WORTH = {"variant": 1.0, "tie": 0.5, "against": 0.0}

Key = Mapping[str, Any]


def read_annotation(sheets: Sequence[Path], key: Path, output: Path, *, seed: int = 42) -> Path:
    """Write what annotators found, as JSON with a card.

    `annotators`: their names and numbers of answers; `agreement`: alpha of each question;
    `win_rates`: see `win_rates`.

    Args:
        sheets: filled sheets, `ANNOTATOR.csv` or `.xlsx`.
        key: the key that prepare_annotation.py wrote beside them.
        output: the JSON file.
        seed: root seed of the resamples.

    Raises:
        FairpruneError: a mistake in a sheet, or a file that is no key.
    """
    content = read_json(verified(key))
    if not isinstance(content, dict) or not {"task", "pairs", "identical"} <= content.keys():
        raise FairpruneError(f"{key} is no key of prepare_annotation.py")
    answers = read_sheets(sheets, content["pairs"])
    preferences = {
        question: {
            pair: [
                _preferred(row[pair][question], about) for row in answers.values() if pair in row
            ]
            for pair, about in content["pairs"].items()
        }
        for question in QUESTIONS
    }
    agreement = [
        {
            "question": question,
            "alpha": krippendorff_alpha(list(found.values())),
            "pairs": sum(len(of) >= 2 for of in found.values()),
        }
        for question, found in preferences.items()
    ]
    rates = [
        {"question": question, **rate}
        for question, found in preferences.items()
        for rate in win_rates(content, found, derive_seed(seed, "annotation"))
    ]
    write_json(
        output,
        {
            "task": content["task"],
            "annotators": [{"name": n, "answers": len(found)} for n, found in answers.items()],
            "agreement": agreement,
            "win_rates": rates,
        },
    )
    write_card(
        output,
        stage="read_annotation",
        files=[output],
        parameters={"task": content["task"], "questions": QUESTIONS},
        inputs={"key": key, **{f"sheet {n}": p for n, p in zip(answers, sheets, strict=True)}},
        seed=seed,
        figures={f"alpha {found['question']}": found["alpha"] for found in agreement},
    )
    return output


def win_rates(
    key: Key, preferences: Mapping[str, Sequence[str]], seed: int
) -> list[dict[str, Any]]:
    """How often each variant is preferred to the dense model, or to another variant.

    An input's value is the mean over its annotators of 1 (the variant), 0.5 (a tie) and 0 (the
    other model); the win rate is the mean over inputs, in [0, 1], with the 95 % bootstrap
    interval over inputs (over clusters of inputs that share opinions). 0.5 is no difference.

    Args:
        key: `pairs` and `identical` of the key.
        preferences: pair → `variant`, `tie` or `against`, one an annotator.
        seed: of the bootstrap.

    Returns:
        One row a variant and whom it meets: `variant, against, value, low, high, n` (inputs),
        `wins, ties, losses` (answers), `identical` (inputs that both models summarised alike:
        ties); null where no input is judged, or only one is.
    """
    rows = []
    every = [*key["pairs"].values(), *key["identical"]]
    for meeting in sorted({_meeting(about) for about in every}):
        same = [about for about in key["identical"] if _meeting(about) == meeting]
        asked = {p: about for p, about in key["pairs"].items() if _meeting(about) == meeting}
        judged = {pair: preferences[pair] for pair in asked if preferences[pair]}
        said = [preference for found in judged.values() for preference in found]
        values = [float(np.mean([WORTH[p] for p in found])) for found in judged.values()]
        units = [asked[pair]["unit"] for pair in judged]
        if judged:
            values += [WORTH["tie"]] * len(same)
            units += [about["unit"] for about in same]
        value, low, high = _interval(np.array(values), np.array(units), seed)
        counts = {"wins": "variant", "ties": "tie", "losses": "against"}
        rows.append(
            {
                **dict(zip(("variant", "against"), meeting, strict=True)),
                **{"value": value, "low": low, "high": high, "n": len(values)},
                **{name: said.count(preference) for name, preference in counts.items()},
                "identical": len(same),
            }
        )
    return rows


def _meeting(about: Mapping[str, Any]) -> tuple[str, str]:
    """The variant of a pair, and whom it meets."""
    return about["variant"], about["against"]


def _interval(values: np.ndarray, units: np.ndarray, seed: int) -> tuple[float | None, ...]:
    if not len(values):
        return None, None, None
    _, units = np.unique(units, return_inverse=True)
    counts = inference.resample_counts(units, seed)
    low, high = inference.interval(Terms.of(values), counts, units)
    return number(float(values.mean())), number(low), number(high)


def _preferred(answer: str, about: Mapping[str, str]) -> str:
    """`variant`, `against` or `tie`: whose side an answer chose."""
    return "tie" if answer == "tie" else about[answer]

"""Rows of how well each attribution sees, and of who is heard how much."""

from fairprune.report.results import Results
from fairprune.report.rows import VARIANT, Row, named

INSTRUMENTS = (
    *("model", "task", "attribution", "J", "quoted_share", "group", "J_group", "recall", "false"),
    *("sentences", "quoted", "left_out", "language", "without"),
)
SHARES = (
    *(*VARIANT, "task", "attribution", "group", "input", "input_low", "input_high"),
    *("summary", "low", "high", "n"),
)


def instrument_rows(results: Results) -> list[Row]:
    """One row a model, task, attribution and group: the sensitivity that its verdicts rest on.

    As seen with the dense model: `J` of the attribution, `J_group`, `recall` and `false` of the
    group (`sensitivity`), from so many `sentences`; `quoted` and `left_out`: the group's J with
    each sentence's opinion in the input, and with it taken out; `without`: what is not known of the
    texts' language.
    """
    rows = []
    for target, evaluation in results.evaluations.items():
        for attribution, figures in evaluation.attributions.items() if target.variant.dense else ():
            found = figures.get("sensitivity") or {"groups": {}}
            place = {
                **{"model": target.variant.model, "task": target.task, "attribution": attribution},
                "language": evaluation.settings.get("language"),
                "without": " and ".join(figures.get("without") or ()),
            }
            for group, of in found["groups"].items():
                rows.append(
                    {
                        **place,
                        **{"J": found["J"], "quoted_share": found.get("quoted_share")},
                        **{"group": group, "J_group": of["J"], "recall": of["recall"]},
                        **{"false": of["false"], "sentences": of["sentences"]},
                        **{kind: of.get(kind, {}).get("J") for kind in ("quoted", "left_out")},
                    }
                )
    return rows


def share_rows(results: Results) -> list[Row]:
    """One row a variant × task × attribution × group: its share of opinions and of summaries."""
    return [
        {**named(target.variant), "task": target.task, **vars(share)}
        for target, evaluation in results.evaluations.items()
        for share in evaluation.group_shares
    ]

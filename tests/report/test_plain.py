"""The first screen in words: by hand, every word of a verdict, and no long sentence anywhere."""

import re

import pytest

from fairprune.report.glossary import TERMS
from fairprune.report.page import ANSWERS, ASSETS, TABLES
from fairprune.report.plain import plain, removed

LONGEST = 25  # words of a sentence that can be read aloud


def judged(verdict, reason="so it is", method="wanda", sparsity="0.50", **more):
    return {
        **{"model": "m", "method": method, "calibration": "t.balanced", "sparsity": sparsity},
        **{"task": "t", "attribution": "tokens", "metric": "uer_excess", "primary": True},
        **{"verdict": verdict, "reason": reason, "marks": "", "n": 40, **more},
    }


def share(method, sparsity, group, written, summary, calibration="t.balanced", room=0.07):
    return {
        **{"model": "m", "method": method, "calibration": calibration, "sparsity": sparsity},
        **{"task": "t", "attribution": "tokens", "group": group, "input": written},
        **{"summary": summary, "low": summary - room, "high": summary + room},
    }


DENSE = [
    share("dense", "0.00", "complaints", 0.38, 0.21, "none"),
    share("dense", "0.00", "praise", 0.62, 0.79, "none"),
]
PRUNED = [
    share("wanda", "0.50", "complaints", 0.38, 0.2),
    share("wanda", "0.50", "praise", 0.62, 0.8),
]


def said(row, shares=(*DENSE, *PRUNED)):
    (found,) = (r for r in plain([row], shares) if r["method"] != "dense")
    return found | {"text": found["text"].replace("\u202f", " ")}


def test_shares_before_and_after_in_one_sentence():
    assert said(judged("worse"))["text"] == (
        "38 % of what people wrote is complaints. Summaries of the model as it is give it "
        "21 % [14, 28]; with half of its weights removed, 20 % [13, 27]."
    )


def test_of_a_model_without_a_valid_summary_no_share_is_known():
    nothing = {"input": None, "summary": None, "low": None, "high": None}
    row = said(judged("not judged"), [share | nothing for share in (*DENSE, *PRUNED)])
    assert (row["text"], row["groups"], row["word"]) == ("", [], "not judged")


@pytest.mark.parametrize(
    ("verdict", "reason", "words"),
    [
        ("worse", "", "Worse than before."),
        ("better", "", "Better than before."),
        ("shifted", "praise is heard more: +9.1 points", "Another group is heard now: praise is "
         "heard more: +9.1 points."),
        ("equivalent", "", "No different from before."),
        ("undecided", "uer: 40 units could have shown a change of 0.1; about 130 would decide; "
         "shift: as many; about 210 would decide",
         "Cannot tell: 40 independent inputs are too few. About 210 would tell."),
        ("undecided", "what is rarer stays unseen",
         "Cannot tell: 40 independent inputs are too few. More would help."),
        ("not judged", "only 70% of the variant's summaries are valid; most repeat themselves",
         "Not judged, because only 70% of the variant's summaries are valid. Most repeat "
         "themselves."),
    ],
)  # fmt: skip
def test_every_word_has_its_phrase(verdict, reason, words):
    row = said(judged(verdict, reason))
    assert row["phrase"] + row["why"] == words
    small = said(judged(verdict, reason, marks="small, one draw"))
    assert small["phrase"].startswith("Slightly") == (verdict in ("worse", "better"))


def test_a_group_that_the_model_leaves_out_comes_first():
    dense, row = plain([judged("equivalent")], [*DENSE, *PRUNED])
    assert dense["text"].replace("\u202f", " ") == (
        "The model as it is already leaves people out: 38 % of what they wrote is complaints, "
        "but 21 % [14, 28] of its summaries."
    )
    assert row["bars"] == [
        ["what people wrote", [0.38, 0.62]],
        ["the model as it is", [0.21, 0.79]],
        ["pruned", [0.2, 0.8]],
    ]
    unsure = [share("dense", "0.00", "complaints", 0.38, 0.33, "none")]
    assert [r["method"] for r in plain([judged("worse")], unsure)] == ["wanda"]


def test_draws_of_a_set_are_one_row_of_their_mean():
    shares = [
        *DENSE,
        *(share("wanda", "0.50", "complaints", 0.38, s, f"t.balanced{draw}")
          for draw, s in (("", 0.1), ("-s43", 0.2), ("-s44", 0.3))),
    ]  # fmt: skip
    row = said(judged("worse", calibration="t.balanced-s*"), shares)
    assert row["text"].endswith("; with half of its weights removed, 20 %.")
    assert row["bars"][2] == ["pruned", [pytest.approx(0.2), None]]


def test_sets_are_named_where_there_are_several():
    one = plain([judged("worse"), judged("worse", sparsity="0.30")], DENSE)
    assert [r["name"] for r in one if r["method"] != "dense"] == ["wanda · 0.50", "wanda · 0.30"]
    two = plain([judged("worse"), judged("worse", calibration="t.other")], DENSE)
    assert two[1]["name"] == "wanda · 0.50 · t.balanced"


def test_how_much_was_removed():
    found = [removed(s).replace("\u202f", " ") for s in ("0.50", "0.30", "0.125", "2of4", "1of4")]
    assert found == ["half", "30 %", "12.5 %", "2 of every 4", "3 of every 4"]


def _long(text: str) -> list[str]:
    sentences = re.split(r"(?<=[.!?])\s+|\n\s*\n", text)
    return [s for s in sentences if len(s.split()) > LONGEST]


def test_no_sentence_of_the_page_is_long():
    page = (ASSETS / "page.html.j2").read_text(encoding="utf-8")
    page = re.sub(r"\{%.*?%\}|<script.*?</script>", " ", page, flags=re.S)
    captions = re.findall(r'picture\("\w+", "(.*?)"\)', page)
    page = re.sub(r"\{\{.*?\}\}", " X ", page, flags=re.S)
    page = re.sub(r"<(?!/?(?:span|strong|a)\b)[^>]*>", "\n\n", page)
    texts = [re.sub(r"<[^>]*>", "", page), *captions, *TABLES.values(), *TERMS.values()]
    texts += [words for _, words in ANSWERS.values()]
    for verdict in ("worse", "shifted", "undecided", "not judged"):
        reason = "the group of complaints is heard less: -12.3 points; about 1200 would decide"
        for row in plain([judged(verdict, reason)], [*DENSE, *PRUNED]):
            texts.append(f"{row['text']} {row.get('phrase', '')}{row.get('why', '')}")
    assert len(captions) > 10
    assert [s for text in texts for s in _long(text)] == []

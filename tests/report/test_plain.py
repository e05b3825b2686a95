"""The first screen in words: by hand, every word of a verdict, and no long sentence anywhere."""

import re

import pytest

from fairprune.io.variants import GIVEN
from fairprune.report.glossary import TERMS
from fairprune.report.page import ANSWERS, ASSETS, TABLES
from fairprune.report.plain import plain, together
from fairprune.report.told import removed

LONGEST = 25  # words of a sentence that can be read aloud


def judged(verdict, reason="so it is", method="wanda", sparsity="0.50", **more):
    return {
        **{"model": "m", "method": method, "calibration": "t.balanced", "sparsity": sparsity},
        **{"task": "t", "attribution": "tokens", "metric": "uer_excess", "primary": True},
        **{"verdict": verdict, "reason": reason, "marks": "", "n": 55, "units": 40, **more},
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
        "38 % of what people wrote is “complaints”. Summaries of the model as it is give it "
        "21 % [14, 28]; with half of its weights removed, 20 % [13, 27]."
    )


def test_of_a_model_without_a_valid_summary_no_share_is_known():
    nothing = {"input": None, "summary": None, "low": None, "high": None}
    row = said(judged("not judged"), [share | nothing for share in (*DENSE, *PRUNED)])
    assert (row["text"], row["groups"], row["bars"]) == ("", [], [])


@pytest.mark.parametrize(
    ("verdict", "reason", "words"),
    [
        ("worse", "", "Worse than before."),
        ("better", "", "Better than before: single summaries leave less out, though their average "
         "hardly shows it."),
        ("shifted", "praise is heard more: +9.1 points", "Another group is heard now: “praise” is "
         "heard more than before."),
        ("shifted", "spd changes by +0.200 (margin 0.100), and is as far from 0",
         "Another group is heard now."),
        ("equivalent", "", "No different from before."),
        ("undecided", "uer: 40 units could have shown a change of 0.1; about 130 would decide; "
         "shift: as many; about 210 would decide",
         "Cannot tell: 40 independent inputs are too few. About 210 would tell."),
        ("undecided", "what is rarer stays unseen",
         "Cannot tell: 40 independent inputs are too few. More would help."),
        ("undecided", "12 units cannot show that nothing changed; 20 could",
         "Cannot tell: 40 independent inputs are too few. About 20 would tell."),
        ("not judged", "the attribution sees too little (J = 0.05): it recognises 2 of 9 sentences",
         "Not judged, because the attribution sees too little (J = 0.05). It recognises 2 of 9 "
         "sentences."),
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


@pytest.mark.parametrize(
    ("verdict", "reason", "pruned", "words"),
    [  # complaints are 38 % of what was written; the model as it is gives them 21, praise 79
        ("worse", "", (0.1, 0.9), "38 % of what people wrote is “complaints”."),
        ("worse", "", (0.5, 0.5), "62 % of what people wrote is “praise”."),
        ("better", "", (0.3, 0.7), "38 % of what people wrote is “complaints”."),
        ("shifted", "praise is heard less: -29.0 points", (0.5, 0.5),
         "62 % of what people wrote is “praise”."),
        ("equivalent", "", (0.21, 0.79), "38 % of what people wrote is “complaints”."),
    ],
)  # fmt: skip
def test_the_sentence_is_about_the_group_that_the_verdict_is_due_to(verdict, reason, pruned, words):
    groups = zip(("complaints", "praise"), (0.38, 0.62), pruned, strict=True)
    row = said(judged(verdict, reason), [*DENSE, *(share("wanda", "0.50", *of) for of in groups)])
    assert row["text"].startswith(words)
    assert row["why"] in (".", ": “praise” is heard less than before.")


def test_few_valid_summaries_say_nothing_of_shares():
    """Their inputs are not what people wrote, and what broke is not who is heard."""
    row = said(judged("not judged", "only 70% of the variant's summaries are valid"))
    assert row["bars"][2] == ["pruned", [None, None]]
    broken = judged("", method="dense", sparsity="0.00", broken=True) | {"primary": None}
    rows = plain([broken, judged("not judged")], [*DENSE, *PRUNED])
    assert [(r["method"], r["text"], r["bars"]) for r in rows] == [("wanda", "", [])]


def test_names_of_groups_may_be_anything_and_long():
    names = {"complaints": "0", "praise": "neither / n.a. " * 9}
    shares = [s | {"group": names[s["group"]]} for s in (*DENSE, *PRUNED)]
    assert said(judged("equivalent"), shares)["text"].startswith(
        "38 % of what people wrote is “0”."
    )
    text = said(judged("worse"), [s | {"input": 0.9} for s in shares[1::2]])["text"]
    assert text.startswith(
        "90 % of what people wrote is “neither / n.a. neither / n.a. neither /…”."
    )


def test_a_compressed_model_is_not_called_pruned():
    shares = [s | {"method": "q4", "calibration": "none", "sparsity": GIVEN} for s in PRUNED]
    row = said(
        judged("equivalent", method="q4", calibration="none", sparsity=GIVEN), [*DENSE, *shares]
    )
    assert (row["name"], row["bars"][2]) == ("q4", ["compressed", [0.2, 0.8]])
    assert "; compressed as q4, 20 %" in row["text"]


def test_a_group_is_left_out_by_what_can_be_seen():
    """Never 38 % of what they wrote, but 38 % [37, 38] of the summaries."""
    seen = [share("dense", "0.00", "complaints", 0.384, 0.378, "none", room=0.003)]
    assert [r["method"] for r in plain([judged("worse")], seen)] == ["wanda"]


def test_a_group_that_the_model_leaves_out_comes_first():
    dense, row = plain([judged("equivalent")], [*DENSE, *PRUNED])
    assert dense["text"].replace("\u202f", " ") == (
        "The model as it is already leaves people out: 38 % of what they wrote is “complaints”, "
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


def test_what_holds_of_every_variant_of_a_task_is_said_once():
    reason = "only 12% of the dense model's summaries are valid; try a larger model"
    none = [said(judged("not judged", reason, sparsity=s)) for s in ("0.30", "0.50", "2of4")]
    (row,) = together(none)
    assert (row["name"], row["variants"], row["why"]) == ("3 variants", 3, none[0]["why"])
    other = said(judged("not judged", "only 70% of the variant's summaries are valid"))
    for rows in (none[:1], [*none, other], [said(judged("undecided")) for _ in range(2)]):
        assert together(rows) == rows


def test_whom_a_model_leaves_out_is_said_where_no_variant_is_compared_too():
    other = [share | {"attribution": "nearest"} for share in PRUNED]
    (row,) = plain([], [*DENSE, *other])
    assert (row["method"], row["task"]) == ("dense", "t")
    assert "already leaves people out" in row["text"] and "complaints" in row["text"]
    broken = judged("", method="dense", broken=True, primary=False)
    assert plain([broken], DENSE) == []

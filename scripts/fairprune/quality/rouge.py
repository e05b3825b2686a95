"""ROUGE against reference summaries."""

from collections.abc import Sequence
from functools import cache

KINDS = ("rouge1", "rouge2", "rougeL")


def rouge(summary: str, references: Sequence[str]) -> dict[str, float] | None:
    """ROUGE-1, ROUGE-2 and ROUGE-L F of one summary, in [0, 1]; None without a reference.

    By the `rouge-score` package with Porter stemming; with several references the mean over
    them, as FewSum (Bražinskas et al., EMNLP 2020) scores opinion summaries. An empty summary
    has 0. Source: Lin 2004.
    """
    if not references:
        return None
    scores = [_scorer().score(reference, summary) for reference in references]
    return {kind: sum(score[kind].fmeasure for score in scores) / len(scores) for kind in KINDS}


@cache
def _scorer():
    from rouge_score.rouge_scorer import RougeScorer

    return RougeScorer(KINDS, use_stemmer=True)

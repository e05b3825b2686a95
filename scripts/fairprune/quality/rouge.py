"""ROUGE against reference summaries."""

from collections.abc import Sequence
from functools import cache

from fairprune.quality.common import common_subsequence

KINDS = ("rouge1", "rouge2", "rougeL")


def rouge(summary: str, references: Sequence[str]) -> dict[str, float] | None:
    """ROUGE-1, ROUGE-2 and ROUGE-L F of one summary, in [0, 1]; None without a reference.

    By the `rouge-score` package with Porter stemming, but for the longest common subsequence,
    which it looks for in quadratic time; with several references the mean over them, as FewSum
    (Bražinskas et al., EMNLP 2020) scores opinion summaries. An empty summary has 0. Source:
    Lin 2004.
    """
    if not references:
        return None
    scores = [_score(summary, reference) for reference in references]
    return {kind: sum(score[kind] for score in scores) / len(scores) for kind in KINDS}


def _score(summary: str, reference: str) -> dict[str, float]:
    from rouge_score.scoring import fmeasure

    scores = _scorer().score(reference, summary)
    found = {kind: score.fmeasure for kind, score in scores.items()}
    wanted, written = map(_tokenizer().tokenize, (reference, summary))
    length = common_subsequence(wanted, written)
    shares = (length / max(1, len(written)), length / max(1, len(wanted)))
    return found | {"rougeL": fmeasure(*shares)}


@cache
def _scorer():
    from rouge_score.rouge_scorer import RougeScorer

    return RougeScorer(KINDS[:2], tokenizer=_tokenizer())


@cache
def _tokenizer():
    from rouge_score.tokenizers import DefaultTokenizer

    return DefaultTokenizer(use_stemmer=True)

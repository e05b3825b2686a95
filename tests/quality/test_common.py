"""Runs and subsequences that two texts share: as the plain tables say, and fast."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rouge_score.rouge_scorer import RougeScorer

from fairprune.quality.common import Runs, common_subsequence
from fairprune.quality.rouge import rouge

WORDS = st.lists(st.sampled_from("abc"), max_size=14)


@given(WORDS, WORDS)
def test_runs(first, second):
    spans = [(i, j) for j in range(len(first) + 1) for i in range(j + 1)]
    runs = {tuple(first[i:j]) for i, j in spans}
    longest = max(
        len(second[i:j])
        for i in range(len(second) + 1)
        for j in range(i, len(second) + 1)
        if tuple(second[i:j]) in runs
    )
    assert Runs(first).longest_in(second) == longest


@given(WORDS, WORDS)
def test_subsequences(first, second):
    table = [[0] * (len(second) + 1) for _ in range(len(first) + 1)]
    for i, one in enumerate(first):
        for j, other in enumerate(second):
            table[i + 1][j + 1] = (
                table[i][j] + 1 if one == other else max(table[i][j + 1], table[i + 1][j])
            )
    assert common_subsequence(first, second) == table[-1][-1]


@pytest.mark.parametrize("seed", range(20))
def test_rouge_is_that_of_the_package(seed):
    dice = random.Random(seed)
    words = ["Good", "goods", "not", "screens", "the", "battery's", "x-y", "dying", "."]
    summary, *references = (
        " ".join(dice.choices(words, k=dice.randrange(0, 30))) for _ in range(3)
    )
    scorer = RougeScorer(("rouge1", "rouge2", "rougeL"), use_stemmer=True)
    for kind, value in rouge(summary, references).items():
        each = [scorer.score(reference, summary)[kind].fmeasure for reference in references]
        assert value == sum(each) / 2

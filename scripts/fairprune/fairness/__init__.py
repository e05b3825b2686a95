"""Fairness of summaries: attribution of text to groups, metrics, intervals, comparisons."""

from fairprune.fairness.comparisons import Comparison, compare
from fairprune.fairness.evaluation import evaluate
from fairprune.fairness.results import Evaluation, Figure

__all__ = ["Comparison", "Evaluation", "Figure", "compare", "evaluate"]

"""Prune language models, and say what pruning does to the fairness of what they write."""

__version__ = "0.1.0"

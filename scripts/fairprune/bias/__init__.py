"""Bias benchmarks beside the fairness of summaries: variants against the dense model, by item."""

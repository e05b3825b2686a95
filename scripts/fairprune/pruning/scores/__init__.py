"""One file a score: what each weight is worth; the lowest scores are pruned."""

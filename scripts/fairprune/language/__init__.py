"""Language ability: perplexity in windows of a stated length, zero-shot tasks."""

"""Two models' summaries of the same inputs: the difference, the test, the verdict."""

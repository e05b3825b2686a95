"""Faults, a file for each idea; `harness.FAULTS` holds them all once these are imported."""

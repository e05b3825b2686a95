"""Scores, allocations, refinements, selection, and the engine that applies them."""

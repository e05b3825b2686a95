"""Batched generation of summaries."""

"""What is known to go wrong with what a configuration asks for, though nothing forbids it."""

from fairprune.config import Configuration
from fairprune.workflow import plan


def cautions(config: Configuration) -> list[str]:
    """A line each method of the grid that is known to do harm with its options."""
    asked = dict.fromkeys((v.method, v.sparsity) for v in plan.variants(config) if not v.dense)
    found = {name: plan.method(config, name, sparsity).caution for name, sparsity in asked}
    return [f"methods.{name}: {caution}" for name, caution in found.items() if caution]

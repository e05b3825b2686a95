"""The parts of the demo model's training."""

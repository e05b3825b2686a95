"""Tasks, importers, prompts, calibration sets."""

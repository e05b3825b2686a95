"""Tasks that read the user's own copy of a set: one YAML file each, and what it takes to score."""

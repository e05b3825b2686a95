"""From a configuration to file targets and command lines; free of Snakemake and torch."""

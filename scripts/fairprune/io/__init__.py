"""Files: atomic writes, cards, hashes, tables."""

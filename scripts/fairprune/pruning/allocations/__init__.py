"""One file an allocation: how much of each layer, or row, is pruned."""

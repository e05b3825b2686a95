"""One file an attribution: how the groups' shares of an input and of a summary are obtained."""

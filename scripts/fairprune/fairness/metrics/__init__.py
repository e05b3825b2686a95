"""One file a metric: how unfair a set of summaries is.

In all of them `p` and `q` are … × K arrays: the share of each group in the input and in the
summary, in [0, 1], NaN where the input does not hold the group.
"""

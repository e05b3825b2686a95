"""What a difference from the dense model means, in a word."""

SIGNIFICANT = 0.05


def verdict(
    difference: float | None,
    interval: tuple[float | None, float | None],
    p_holm: float | None,
    margin: float,
    away: tuple[float, float] | None = None,
) -> str:
    """`worse`, `better`, `equivalent` or `undecided`, for a metric where lower is fairer.

    A difference that is significant after correction (p_holm < 0.05) is worse above 0 and better
    below, however small: its size stands beside it. Otherwise the two are equivalent where the
    95 % interval lies within ± `margin`, and undecided where it does not. So a worsening is never
    hidden behind a wide margin, and absence of proof is never called equivalence.

    Args:
        away: for a signed metric, where nearer 0 is fairer, the 95 % interval of
            |variant| − |dense|: a significant change is worse only if all of it is above 0, better
            only if all of it is below (a change of sign alone is neither).
    """
    low, high = interval
    if p_holm is not None and p_holm < SIGNIFICANT:
        side = (difference, difference) if away is None else away
        if side[0] > 0 or side[1] < 0:
            return "worse" if side[0] > 0 else "better"
    if low is not None and high is not None and -margin <= low and high <= margin:
        return "equivalent"
    return "undecided"

"""Variance components of a grid of methods × calibration sets × draws of the sets."""

import numpy as np

SOURCES = ("method", "set", "method × set", "seed", "method × seed")


def mean_squares(values: np.ndarray) -> tuple[np.ndarray, ...]:
    """Mean squares of values, … × M methods × C sets × S seeds: each …, in the order of `SOURCES`.

    Method and set are the levels under study (fixed, crossed); a seed is a random draw of its
    set, used by every method (nested in the set, crossed with the method).
    """
    m, c, s = values.shape[-3:]

    def mean(*axes: int) -> np.ndarray:
        return values.mean(axis=axes, keepdims=True)

    def squares(apart: np.ndarray) -> np.ndarray:
        return (apart**2).sum(axis=(-3, -2, -1))

    whole, by_method, by_set = mean(-3, -2, -1), mean(-2, -1), mean(-3, -1)
    by_both, by_draw = mean(-1), mean(-3)
    return (
        c * s * squares(by_method - whole) / (m - 1),
        m * s * squares(by_set - whole) / (c - 1),
        s * squares(by_both - by_method - by_set + whole) / ((m - 1) * (c - 1)),
        m * squares(by_draw - by_set) / (c * (s - 1)),
        squares(values - by_both - by_draw + by_set) / ((m - 1) * c * (s - 1)),
    )


def variance_components(values: np.ndarray) -> np.ndarray:
    """Variance components of values, … × M methods × C sets × S seeds → … × 5, as `SOURCES`.

    From the mean squares (`E MS` solved for the variances), so that the noise of draws is not
    counted to methods or sets:

        method          (MS_m − MS_ms) / CS         set    (MS_c − MS_s) / MS
        method × set    (MS_mc − MS_ms) / S         seed   (MS_s − MS_ms) / M
        method × seed   MS_ms, with all noise that is left

    Negative estimates become 0. Source: any text on mixed analysis of variance (Searle,
    Casella & McCulloch, Variance Components, 1992).
    """
    m, c, s = values.shape[-3:]
    ms_m, ms_c, ms_mc, ms_s, ms_ms = mean_squares(values)
    parts = [
        (ms_m - ms_ms) / (c * s),
        (ms_c - ms_s) / (m * s),
        (ms_mc - ms_ms) / s,
        (ms_s - ms_ms) / m,
        ms_ms,
    ]
    return np.maximum(np.stack(parts, axis=-1), 0)


def f_tests(values: np.ndarray) -> dict[str, float | None]:
    """The p of the method and of the set, M × C × S: that each gives nothing beyond draws."""
    from scipy.special import fdtrc

    m, c, s = values.shape
    ms_m, ms_c, _, ms_s, ms_ms = mean_squares(values)
    tests = {
        "method": (ms_m, ms_ms, m - 1, (m - 1) * c * (s - 1)),
        "set": (ms_c, ms_s, c - 1, c * (s - 1)),
    }
    return {
        source: float(fdtrc(*freedom, own / noise)) if noise > 0 else None
        for source, (own, noise, *freedom) in tests.items()
    }

"""Differences, flips and verdicts on items, against formulations that share no code with them."""

import numpy as np
import pytest
from scipy.stats import beta, binomtest, norm

from fairprune.bias.evidence import MCNEMAR, SWAPS, evidence_of
from fairprune.bias.flips import flips_of
from fairprune.bias.goals import HIGHER, LOWER, Goal, goals_of
from fairprune.errors import FairpruneError
from fairprune.fairness.comparing.verdicts import (
    BETTER,
    EQUIVALENT,
    NOT_JUDGED,
    SHIFTED,
    WORSE,
    Tested,
    judge,
)

HALF = Goal(ideal=0.5)
SIGNED = Goal(ideal=0.0, low=-1.0)
PARTIAL = Goal(ideal=0.0, low=-1.0, partial=True)


def found(first, second, goal=HALF, units=None):
    units = np.arange(len(first)) if units is None else units
    return evidence_of("m", np.array(first, float), np.array(second, float), units, goal, 7)


def word(first, second, goal=HALF, margin=0.1):
    made = found(first, second, goal).evidence
    return judge(Tested(made, made.p_value, margin), None)


def binary(both, only_first, only_second, neither):
    """Pairs of 0 and 1, so many of each kind."""
    first = [1] * both + [1] * only_first + [0] * only_second + [0] * neither
    second = [1] * both + [0] * only_first + [1] * only_second + [0] * neither
    return np.array(first, float), np.array(second, float)


@pytest.mark.parametrize("counts", [(40, 12, 3, 45), (5, 0, 9, 30), (10, 7, 7, 10), (20, 0, 0, 9)])
def test_mcnemar_is_the_exact_binomial_test_of_those_that_differ(counts):
    first, second = binary(*counts)
    made = found(first, second)
    _, lost, won, _ = counts
    expected = binomtest(lost, lost + won).pvalue if lost + won else 1.0
    assert made.test == MCNEMAR
    assert made.evidence.p_value == pytest.approx(expected, rel=1e-12)
    assert made.evidence.difference == pytest.approx((won - lost) / sum(counts), abs=1e-12)


@pytest.mark.parametrize("goal", [HALF, PARTIAL, Goal(HIGHER)])
def test_a_few_changes_leave_room_for_changes_the_other_way(goal):
    """Resamples of two items that changed one way know of no other: the interval must."""
    for n in range(20, 200, 9):
        first = np.where(np.arange(n) % 3 == 0, 0.0, 1.0)
        if goal.partial:
            first[5::7] = np.nan
        second = first.copy()
        second[[0, 3]] = 1.0
        made = found(first, second, goal).evidence
        assert made.low < 0 < made.difference < made.high, n
        reason = word(first, second, goal, margin=1e-3).reason
        assert f"only 2 of {made.units} units changed, too few for a test" in reason


@pytest.mark.parametrize("counts", [(40, 12, 3, 45), (5, 0, 9, 30), (20, 0, 0, 9)])
def test_flips_by_hand_and_what_they_say_of_the_difference(counts):
    first, second = binary(*counts)
    n, (_, lost, won, _) = sum(counts), counts
    made = flips_of(first, second, np.arange(n), HALF)
    assert made.flip_rate == pytest.approx((lost + won) / n)
    assert (made.newly_biased, made.no_longer_biased) == pytest.approx((won / n, lost / n))
    difference = found(first, second).evidence.difference
    assert made.newly_biased - made.no_longer_biased == pytest.approx(difference)
    share = (lost + won) / n  # Wilson's interval, as its own quadratic equation
    for end in (made.flip_low, made.flip_high):
        assert (share - end) ** 2 == pytest.approx(1.959964**2 * end * (1 - end) / n, abs=1e-9)


def test_sides():
    assert SIGNED.sides(np.array([-1, 0, 1, np.nan])).tolist()[:3] == [-1, 0, 1]
    assert Goal(HIGHER).sides(np.array([0, 1.0])).tolist() == [1, -1]
    assert Goal(LOWER).sides(np.array([0, 1.0])).tolist() == [-1, 1]
    turned = flips_of(np.array([-1, 0, 1, 1, 0]), np.array([1, 1, 1, -1, 0]), np.arange(5), SIGNED)
    shares = (turned.flip_rate, turned.newly_biased, turned.no_longer_biased)
    assert shares == pytest.approx((3 / 5, 2 / 5, 1 / 5))


def test_the_bounds_are_those_of_clopper_and_pearson():
    """Of n items 0 for both, the unseen share of either sign is at most 1 − 0.05^(1/n)."""
    made = found(np.zeros(80), np.zeros(80)).evidence
    assert made.equivalence[1] == pytest.approx(beta.ppf(0.95, 1, 80), rel=0.03)
    assert made.equivalence[0] == pytest.approx(-made.equivalence[1], rel=0.03)
    assert word(np.zeros(80), np.zeros(80)).word == EQUIVALENT
    assert word(np.zeros(19), np.zeros(19)).word != EQUIVALENT
    assert word(np.zeros(5), np.ones(5)).word == NOT_JUDGED


def plain_word(first, second, ideal):
    """Nearer or further than before: the sign of (b − a)(a + b − 2 ideal), each factor tested.

    Of means, with normal intervals; no absolute value is ever resampled.
    """

    def sure(values):
        reach = norm.ppf(0.975) * values.std(ddof=1) / np.sqrt(len(values))
        return np.sign(values.mean()) if abs(values.mean()) > reach else 0

    apart, side = sure(second - first), sure(first + second - 2 * ideal)
    if not apart:
        return None
    return {1: WORSE, -1: BETTER, 0: SHIFTED}[int(apart * side)]


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        (0.60, 0.80, WORSE),
        (0.80, 0.60, BETTER),
        (0.40, 0.20, WORSE),
        (0.20, 0.45, BETTER),
        (0.60, 0.40, SHIFTED),
        (0.35, 0.65, SHIFTED),
        (0.50, 0.75, WORSE),
        (0.70, 0.20, WORSE),
    ],
)
def test_the_distance_from_an_ideal(before, after, expected):
    """Against the product of two signs, on 800 items."""
    dice = np.random.default_rng(5)
    first, second = (dice.permutation(np.arange(800) < 800 * p) * 1.0 for p in (before, after))
    made = found(first, second)
    change = abs(second.mean() - 0.5) - abs(first.mean() - 0.5)
    assert made.worsening[0] == pytest.approx(change, abs=1e-12)
    assert made.worsening[1] <= change <= made.worsening[2]
    assert word(first, second).word == expected
    assert plain_word(first, second, 0.5) == expected


def test_equally_far_from_the_ideal_is_rarely_called_worse_or_better():
    """Both 0.1 from 0.5, on either side, items independent: a wrong word in at most 5 %."""
    dice, words = np.random.default_rng(11), []
    for _ in range(80):
        first, second = (dice.random(200) < p for p in (0.6, 0.4))
        words.append(word(first * 1.0, second * 1.0).word)
    wrong = sum(w in (WORSE, BETTER) for w in words)
    assert wrong <= 8  # of 80 with 5 %: 9 or more come in under 3 % of such tests
    assert words.count(SHIFTED) > 60


def test_shifted_says_from_which_ideal():
    first, second = binary(40, 160, 80, 40)
    assert "as far from 0.5" in word(first, second).reason


@pytest.mark.parametrize(
    ("goal", "expected"), [(Goal(HIGHER), WORSE), (Goal(LOWER), BETTER), (HALF, BETTER)]
)
def test_the_direction_that_is_good(goal, expected):
    first, second = binary(60, 30, 2, 8)  # 0.90 before, 0.62 now
    made = found(first, second, goal)
    assert word(first, second, goal).word == expected
    sign = -1 if goal.better == HIGHER else 1
    low, high = made.evidence.low, made.evidence.high
    if goal.better:
        assert made.worsening == pytest.approx((sign * -0.28, *sorted((sign * low, sign * high))))


def test_items_of_one_template_are_swapped_together():
    """p of all 2^7 swaps of whole templates, one by one."""
    dice = np.random.default_rng(3)
    units = np.repeat(np.arange(7), [3, 5, 2, 8, 4, 6, 2])
    first, second = (dice.integers(-1, 2, len(units)) * 1.0 for _ in range(2))
    second = np.where(units < 5, np.maximum(second, first), second)
    seen = abs(second.mean() - first.mean())
    extreme = 0
    for number in range(2**7):
        swap = np.array([number >> unit & 1 for unit in units], dtype=bool)
        one, other = np.where(swap, second, first), np.where(swap, first, second)
        extreme += abs(other.mean() - one.mean()) >= seen - 1e-12
    made = found(first, second, SIGNED, units)
    assert made.test == SWAPS
    assert made.evidence.p_value == pytest.approx(extreme / 2**7)
    assert (made.evidence.n, made.evidence.units) == (30, 7)


def test_a_mean_over_those_items_that_a_model_answers():
    """The paper's 2 · biased / named − 1, and its spread by leaving one item out (jackknife)."""
    dice = np.random.default_rng(9)
    first, second = (
        dice.choice([1.0, -1.0, np.nan], 300, p=p) for p in ((0.5, 0.3, 0.2), (0.3, 0.3, 0.4))
    )

    def score(values):
        return 2 * (values == 1).sum() / (~np.isnan(values)).sum() - 1

    made = found(first, second, PARTIAL).evidence
    assert (made.against_value, made.value) == pytest.approx((score(first), score(second)))
    keep = ~np.eye(300, dtype=bool)
    drops = np.array([score(second[k]) - score(first[k]) for k in keep])
    error = np.sqrt(299 / 300 * ((drops - drops.mean()) ** 2).sum())
    assert made.deviation / np.sqrt(made.units) == pytest.approx(error, rel=0.03)
    assert (made.high - made.low) / 2 == pytest.approx(1.96 * error, rel=0.1)
    low, high = made.equivalence
    assert low < made.low + 0.6 * error and high > made.high - 0.6 * error
    nobody = found(first, np.full(300, np.nan), PARTIAL).evidence
    assert nobody.difference is None and nobody.p_value is None


def test_many_items_take_no_more_memory_and_say_the_same():
    dice = np.random.default_rng(2)
    first = (dice.random(9000) < 0.6) * 1.0
    second = np.where(dice.random(9000) < 0.1, 1 - first, first)
    made = found(first, second).evidence
    error = (second - first).std(ddof=1) / np.sqrt(9000)
    assert (made.high - made.low) / 2 == pytest.approx(1.96 * error, rel=0.1)
    assert made.p_value == pytest.approx(
        binomtest(int((second > first).sum()), int((second != first).sum())).pvalue, rel=1e-9
    )


@pytest.mark.parametrize(
    "given",
    ["m=higher", "t/m", "t/m=high", "t/m=0.5:1:0", "t/m=2", "t/m=higher:0", "t/m=nan", "/m=0"],
)
def test_a_goal_that_is_none(given):
    with pytest.raises(FairpruneError, match="TASK/METRIC=higher"):
        goals_of([given])


def test_goals_beside_the_known_ones():
    known = goals_of(["mine/acc=higher", "mine/score=0:-1:1", "bbq_local/bias_disambig=0.1:-1:1"])
    assert known["mine"] == {"acc": Goal(HIGHER), "score": Goal(ideal=0.0, low=-1.0)}
    assert known["crows_pairs_local"]["pct_stereotype"] == HALF
    assert known["bbq_local"]["bias_disambig"] == Goal(ideal=0.1, low=-1.0, partial=True)
    assert "mine" not in goals_of([])

"""Whether verdicts keep what they promise, on writers whose fairness is known.

python benchmarks/verdicts.py [--trials 200] [--inputs 1000]

Writes results/verdicts.json, and the table of docs/statistics.md. Trials draw their inputs from so
many made-up ones, or make them anew; those that judge everything are a quarter as many.
"""

import argparse
import json
import sys
from collections.abc import Iterable
from dataclasses import asdict
from pathlib import Path

from measure import RESULTS
from simulation.changed import intervals, real_changes, weak_instruments
from simulation.pools import one_pool
from simulation.rates import Rate
from simulation.unchanged import false_alarms, many_variants, own_figures, pooled_draws

PAGE = Path(__file__).parents[1] / "docs/statistics.md"
MARK = "<!-- table -->\n"
QUICK = (false_alarms, many_variants, pooled_draws, real_changes, intervals, weak_instruments)
SLOW = (own_figures, one_pool)


def table(rates: Iterable[Rate]) -> str:
    """The rates as Markdown."""
    lines = ["| design | n | how often | required | observed |", "|---|---|---|---|---|"]
    lines += [
        f"| {found.design} | {found.n} | {found.said} | {found.bound} {found.required:g} | "
        f"{found.observed:.3f}{'' if found.kept else ' **not kept**'} |"
        for found in rates
    ]
    return "\n".join(lines) + "\n"


def main() -> None:
    """Simulate everything, write the result and the page."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--trials", type=int, default=200)
    parser.add_argument("--inputs", type=int, default=1000)
    options = parser.parse_args()
    found = []
    for designs, trials in ((QUICK, options.trials), (SLOW, options.trials // 4)):
        for design in designs:
            for one in design(trials, options.inputs):
                print(table([one]).splitlines()[-1], file=sys.stderr, flush=True)
                found.append(one)
    rows = [{**asdict(one), "kept": one.kept} for one in found]
    (RESULTS / "verdicts.json").write_text(json.dumps(rows, indent=2) + "\n", encoding="utf-8")
    before = PAGE.read_text(encoding="utf-8").partition(MARK)[0]
    PAGE.write_text(before + MARK + "\n" + table(found), encoding="utf-8")


if __name__ == "__main__":
    main()

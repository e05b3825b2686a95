"""SemEval-2016, task 6 (Mohammad et al., 2016): tweets with their stance on a target."""

from pathlib import Path

from fairprune.data.importers import importer
from fairprune.data.importers._layouts import read_encoded, single_opinions
from fairprune.io.table_files import Reading, Table, kind_of

TAG = "#SemST"  # the task put it behind every tweet


@importer(
    "semeval2016-stance", labels={"favor": ["FAVOR"], "against": ["AGAINST"], "none": ["NONE"]}
)
def semeval2016_stance(path: Path, reading: Reading) -> Table:
    """One opinion a tweet: `Tweet` without the task's tag, `Stance` as `label`.

    Both releases: separated by tabs (`ID, Target, Tweet, Stance`, some with `Opinion towards` and
    `Sentiment`; quotes are part of the tweets), and CSV (`Tweet, Target, Stance, Opinion Towards,
    Sentiment`). `Target` serves `group_by`. Test files whose stance is `UNKNOWN` have no labels.

    Raises:
        FairpruneError: no `Tweet` or `Stance`.
    """
    table = read_encoded(path, reading, kind=kind_of(path) or "tsv")
    options = {"text": "Tweet", "label": "Stance"}
    return single_opinions(table, "semeval2016-stance", **options, rewrite=_untagged)


def _untagged(tweet: str) -> str:
    return tweet.strip().removesuffix(TAG).rstrip()

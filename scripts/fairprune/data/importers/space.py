"""SPACE (Angelidis et al., TACL 2021): hotels with their reviews, some with human summaries."""

from pathlib import Path

from fairprune.data.importers import importer
from fairprune.data.importers._layouts import STARS, listed
from fairprune.errors import FairpruneError
from fairprune.io.table_files import Reading, Row, Table, read_table

KEPT = ("entity_id", "entity_name")
NAMES = {"id": "entity_id", "split": "split"}  # ours → theirs


@importer("space", labels=STARS)
def space(path: Path, reading: Reading) -> Table:
    """Hotels with summaries (`space_summ.json`): one input each; others: one opinion a review.

    A hotel is `{"entity_id", "entity_name", "reviews": [{"review_id", "rating", "sentences"}],
    "summaries": {"general": […], ASPECT: […]}}`. The general summaries are the references. Without
    summaries (`space_train.json`) reviews are single opinions; `entity_id` serves `group_by`.
    Stars become groups where no other rule is given: 4 and 5 `pos`, 3 `neu`, 1 and 2 `neg`.

    Raises:
        FairpruneError: another form, or summaries of some hotels alone.
    """
    hotels = read_table(path, reading, kind="json")
    given = ["summaries" in hotel for hotel in hotels.rows]
    if all(given):
        return hotels.mapped(_input)
    if any(given):
        raise FairpruneError(
            f"{hotels.where(given.index(False))}: no summaries, though other hotels have some: put "
            "the two kinds into files, and tasks, of their own"
        )
    rows, numbers = [], []
    for place, hotel in enumerate(hotels.rows):
        kept = {name: hotel[name] for name in KEPT if name in hotel}
        for text, stars in _reviews(hotel, hotels.where(place)):
            rows.append({**kept, "text": text, "label": stars})
            numbers.append(hotels.numbers[place])
    return Table(path, rows, numbers, hotels.notes)


def _input(hotel: Row, where: str) -> Row:
    reviews = _reviews(hotel, where)
    try:
        general = hotel["summaries"]["general"]
    except (KeyError, TypeError):
        raise FairpruneError(f"{where}: no general summaries (`summaries`, `general`)") from None
    row = {
        "opinions": [text for text, _ in reviews],
        "labels": [stars for _, stars in reviews],
        "references": listed(general, where, "general"),
    }
    return row | {ours: hotel[its] for ours, its in NAMES.items() if its in hotel}


def _reviews(hotel: Row, where: str) -> list[tuple[str, object]]:
    """Every review's sentences as one text, and its stars."""
    found = []
    for number, review in enumerate(listed(hotel.get("reviews"), where, "reviews"), 1):
        at = f"{where}, review {number}"
        if not isinstance(review, dict) or "rating" not in review:
            raise FairpruneError(f'{at}: {{"rating": …, "sentences": […]}} is expected')
        sentences = listed(review.get("sentences"), at, "sentences")
        if not all(isinstance(sentence, str) for sentence in sentences):
            raise FairpruneError(f"{at}: a sentence is no text")
        found.append((" ".join(sentence.strip() for sentence in sentences), review["rating"]))
    return found

r"""LaTeX tables with booktabs: one `table` a model and task, intervals in small type below.

`\input{fairness.tex}` in a document that loads booktabs is all that they need.
"""

from collections.abc import Iterable
from pathlib import Path

from fairprune.figures.data import Choice, Row, fairness_rows, panels, quality_rows
from fairprune.io.atomic import write_text
from fairprune.io.variants import GIVEN
from fairprune.report.names import QUALITY, fairness_metric

WIDE = 3  # with more columns of figures a table spans both columns of the page
SIGNS = {
    **{"worse": "$-$", "better": "$+$", "shifted": r"$\leftrightarrow$", "equivalent": "$=$"},
    **{"undecided": "?", "not judged": r"$\times$"},
}
MARKS = {"pool": "p", "rests": "r"}
ESCAPES = {
    "\\": r"\textbackslash{}",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    **{character: f"\\{character}" for character in "&%$#_{}"},
}
NOTE = (
    r" Below each figure its 95\,\% interval. Against the dense model: "
    + ", ".join(rf"\textsuperscript{{{sign}}}\,{word}" for word, sign in SIGNS.items())
    + r"; \textsuperscript{p}\,holds for further inputs of these opinions only; "
    r"\textsuperscript{r}\,rests on inputs left out for their broken summaries; "
    r"\textsuperscript{\dag}\,fewer than 90\,\% valid summaries."
)


def escape(text: str) -> str:
    """Text as LaTeX prints it."""
    return "".join(ESCAPES.get(character, character) for character in text)


def write_tables(tables: dict[str, list[Row]], choice: Choice, folder: Path) -> list[Path]:
    """Write fairness.tex, quality.tex and language.tex; empty but for a comment without rows."""
    name = fairness_metric(choice.metric)
    good = quality_rows(tables["quality"], choice)
    measure = good[0]["metric"] if good else choice.quality
    spoken = "distance from 0 is less fair" if name.signed else "lower is fairer"
    texts = {
        "fairness": _tables(
            panels(fairness_rows(tables["fairness"], choice)),
            "fairness",
            f"Fairness of {{model}} on {{what}}: {escape(name.short)} ({spoken}).{NOTE}",
        ),
        "quality": _tables(
            panels(good),
            "quality",
            f"Quality of {{model}} on {{what}}: {escape(QUALITY.get(measure, measure))} "
            f"(higher is better).{NOTE}",
        ),
        "language": _tables(
            panels(map(_named, tables["language"]), "shown"),
            "language",
            "Language ability of {model}: {what}.",
        ),
    }
    return [_write(folder / f"{stem}.tex", text) for stem, text in texts.items()]


def _named(row: Row) -> Row:
    error = row["stderr"]
    low, high = (row["value"] - error, row["value"] + error) if error else (None, None)
    text = f"{row['name']}, {row['metric']}"
    if row["window"]:
        published = ", the first alone after the beginning token" * (row["beginning"] == "first")
        text += f" in windows of {row['window']} tokens{published}"
    return {**row, "shown": text, "low": low, "high": high}


def _tables(places: dict[tuple[str, str], list[Row]], kind: str, caption: str) -> str:
    parts = []
    for (model, what), rows in places.items():
        said = caption.replace("{model}", escape(model)).replace("{what}", escape(what))
        label = "".join(c if c.isalnum() else "-" for c in f"{kind}-{model}-{what}")
        parts.append(_table(rows, said, f"tab:{label}"))
    return "\n".join(parts) or "% Nothing of this kind was measured in this run.\n"


def _table(rows: list[Row], caption: str, label: str) -> str:
    known = {row["variant"].sparsity: row["variant"] for row in rows if not row["variant"].dense}
    columns = sorted(
        known, key=lambda name: (name == GIVEN, known[name].fraction, "of" in name, name)
    )
    environment = "table*" if len(columns) > WIDE else "table"
    head = ["method", "calibration", *(name.replace("of", ":") for name in columns)]
    lines = [
        rf"\begin{{{environment}}}[t]",
        r"\centering\small",
        rf"\begin{{tabular}}{{ll{'c' * len(columns)}}}",
        r"\toprule",
        " & ".join(head) + r" \\",
        r"\midrule",
        *_dense([row for row in rows if row["variant"].dense], len(columns)),
    ]
    names = sorted({(r["method"], r["calibration"]) for r in rows if not r["variant"].dense})
    for number, (method, calibration) in enumerate(names):
        mine = {r["sparsity"]: r for r in rows if (r["method"], r["calibration"]) == names[number]}
        shown = "--" if calibration == "none" else calibration
        cells = [mine.get(column) for column in columns]
        lines.append(_line([escape(method), escape(shown), *map(_value, cells)]))
        if any(map(_interval, cells)):
            lines.append(_line(["", "", *map(_interval, cells)]))
    lines += [r"\bottomrule", r"\end{tabular}", rf"\caption{{{caption}}}", rf"\label{{{label}}}"]
    return "\n".join([*lines, rf"\end{{{environment}}}", ""])


def _dense(rows: list[Row], columns: int) -> Iterable[str]:
    """The dense model's figure once, over all columns."""
    for row in rows if columns else ():
        text = f"{_value(row)} {_interval(row)}".strip()
        yield rf"dense & -- & \multicolumn{{{columns}}}{{c}}{{{text}}} \\"
        yield r"\midrule"


def _line(cells: Iterable[str]) -> str:
    return " & ".join(cells) + r" \\"


def _value(row: Row | None) -> str:
    if row is None or row["value"] is None:
        return "--"
    marks = SIGNS.get(row.get("verdict") or "", "") + (r"\dag" if row["broken"] else "")
    marks += "".join(sign for mark, sign in MARKS.items() if mark in (row.get("marks") or ""))
    return _number(row["value"]) + (rf"\textsuperscript{{{marks}}}" if marks else "")


def _interval(row: Row | None) -> str:
    if row is None or row.get("low") is None:
        return ""
    return rf"{{\scriptsize [{_number(row['low'])}, {_number(row['high'])}]}}"


def _number(value: float) -> str:
    """Three decimals below a hundred, and no more digits than mean something above."""
    if abs(value) >= 1000:
        return f"{value:.3g}" if abs(value) >= 1e6 else f"{value:.0f}"
    text = f"{value:.3f}" if abs(value) < 100 else f"{value:.1f}"
    return text.replace("-", "$-$")


def _write(path: Path, text: str) -> Path:
    write_text(path, text)
    return path

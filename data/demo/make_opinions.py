"""Write the demo's two tasks, reviews.jsonl and politics.jsonl, the same to the byte every time."""

import argparse
import json
import os
from pathlib import Path

from opinions.splits import draw_task
from opinions.words import LABELS


def main() -> None:
    """Write the files into a folder, each at once."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--output", type=Path, default=Path(__file__).parent, help="folder")
    folder = parser.parse_args().output
    folder.mkdir(parents=True, exist_ok=True)
    tasks = {task: draw_task(task) for task in LABELS}
    for task, splits in tasks.items():
        lines = [
            json.dumps(drawn.record(f"{task}-{split}-{number:03d}", split), ensure_ascii=False)
            for split, inputs in splits.items()
            for number, drawn in enumerate(inputs)
        ]
        write(folder / f"{task}.jsonl", "\n".join(lines))


def write(path: Path, text: str) -> None:
    """Write a file whole or not at all, and say where."""
    draft = path.with_suffix(".draft")
    draft.write_text(text + "\n", encoding="utf-8", newline="\n")
    os.replace(draft, path)
    print(path)


if __name__ == "__main__":
    main()

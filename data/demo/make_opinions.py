"""Write the demo's two tasks, reviews.jsonl and politics.jsonl, the same to the byte every time."""

import argparse
import json
import os
from pathlib import Path

from opinions.splits import draw_task
from opinions.words import LABELS


def main() -> None:
    """Write both files into a folder, each at once."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--output", type=Path, default=Path(__file__).parent, help="folder")
    folder = parser.parse_args().output
    folder.mkdir(parents=True, exist_ok=True)
    for task in LABELS:
        lines = [
            json.dumps(drawn.record(f"{task}-{split}-{number:03d}", split), ensure_ascii=False)
            for split, inputs in draw_task(task).items()
            for number, drawn in enumerate(inputs)
        ]
        path = folder / f"{task}.jsonl"
        draft = path.with_suffix(".draft")
        draft.write_text("\n".join(lines) + "\n", encoding="utf-8", newline="\n")
        os.replace(draft, path)
        print(path)


if __name__ == "__main__":
    main()

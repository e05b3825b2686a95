"""YAML files, of which nothing is read otherwise than it looks."""

import re
from collections.abc import Hashable
from pathlib import Path
from typing import Any

import yaml

from fairprune.errors import FairpruneError

# Whole numbers that YAML 1.1 reads in base 8 or 60.
OTHERWISE = re.compile(r"[-+]?(0[0-7_]+|[1-9][0-9_]*(:[0-5]?[0-9])+(\.[0-9_]*)?)")


def read_yaml(path: Path) -> Any:
    """What a YAML file holds.

    Raises:
        FairpruneError: no such file, not YAML, a key that stands twice in one place, or a number
            that YAML takes for another (`010` for 8, `2:4` for 124), with its line.
    """
    try:
        loader = _Loader(Path(path).read_text(encoding="utf-8"))
        loader.path = path
        try:
            return loader.get_single_data()
        finally:
            loader.dispose()
    except FileNotFoundError:
        raise FairpruneError(f"{path} does not exist: give an existing configuration") from None
    except (OSError, ValueError, RecursionError, yaml.YAMLError) as error:
        what = " ".join(str(error).split())[:200]
        raise FairpruneError(f"{path} is not YAML: {what}") from None


class _Loader(yaml.SafeLoader):
    path: Path

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:
        lines: dict[str, int] = {}
        for key in (key for key, _ in node.value if isinstance(key, yaml.ScalarNode)):
            line = key.start_mark.line + 1
            if key.value in lines:
                raise FairpruneError(
                    f"{self.path}, line {line}: the key {key.value!r} stands in line "
                    f"{lines[key.value]} already: remove one of them"
                )
            lines[key.value] = line
        return super().construct_mapping(node, deep)

    def number(self, node: yaml.ScalarNode) -> int | float:
        """A whole number or a number, unless it is written in a way that misleads."""
        whole = node.tag.endswith(":int")
        value = self.construct_yaml_int(node) if whole else self.construct_yaml_float(node)
        if OTHERWISE.fullmatch(node.value):
            raise FairpruneError(
                f"{self.path}, line {node.start_mark.line + 1}: YAML takes {node.value} for "
                f"{value}: write {value}, or '{node.value}' in quotes if that is meant"
            )
        return value


for tag in ("int", "float"):
    _Loader.add_constructor(f"tag:yaml.org,2002:{tag}", _Loader.number)

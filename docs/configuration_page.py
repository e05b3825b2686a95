"""The configuration's reference, made from its typed models."""

import inspect
from typing import Any, get_args

from pydantic import BaseModel
from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined

from fairprune.config import Configuration


def configuration() -> str:
    """Every key of a configuration with its type, default, bounds and meaning."""
    text = [
        "# Configuration",
        "",
        "Every key, as the program itself knows it. A key that is not listed here is refused, with "
        "the nearest one that is. `config/schema.json` says the same to editors: keep the first "
        "line of the shipped files (`# yaml-language-server: $schema=…`) in yours.",
        "",
    ]
    todo: list[tuple[str, type[BaseModel]]] = [("", Configuration)]
    for place, model in todo:
        title = f"`{place}`" if place else "The top level"
        text += [
            f"## {title}",
            "",
            _said(model),
            "",
            "| key | type | default | |",
            "|---|---|---|---|",
        ]
        for name, field in model.model_fields.items():
            inner, many = _inner(field.annotation)
            kind = _kind(field)
            if inner is not None:
                below = ".".join(filter(None, (place, name))) + (f".{many}" if many else "")
                todo.append((below, inner))
                kind = f"[{kind}](#{_anchor(below)})"
            meaning = _cell(field.description or (_said(inner) if inner else ""))
            text.append(f"| `{name}` | {kind} | {_default(field)} | {meaning} |")
        text.append("")
    return "\n".join(text)


def _said(model: type[BaseModel]) -> str:
    return " ".join(inspect.cleandoc(model.__doc__ or "").split())


def _inner(annotation: Any) -> tuple[type[BaseModel] | None, str]:
    """The model inside a key's type, and what stands for its name where there are many."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation, ""
    several: dict[Any, str] = {dict: "NAME", list: "[]"}
    for part in get_args(annotation):
        inner, _ = _inner(part)
        if inner is not None:
            return inner, several.get(getattr(annotation, "__origin__", None), "")
    return None, ""


def _kind(field: FieldInfo) -> str:
    def name(kind: Any) -> str:
        origin, parts = getattr(kind, "__origin__", None), get_args(kind)
        if isinstance(kind, type) and not parts:
            return {
                "str": "text",
                "int": "whole number",
                "float": "number",
                "bool": "true/false",
            }.get(kind.__name__, "none" if kind is type(None) else kind.__name__)
        if origin is list:
            return f"list of {name(parts[0])}"
        if origin is dict:
            return f"NAME: {name(parts[1])}"
        if origin is tuple:
            return ", ".join(map(name, parts))
        if parts and isinstance(parts[0], str):
            return " or ".join(f"`{part}`" for part in parts)
        if hasattr(kind, "__metadata__"):
            return name(parts[0])
        return " or ".join(name(part) for part in parts if part is not type(None))

    bounds = {"Ge": "≥", "Gt": ">", "Le": "≤", "Lt": "<"}
    limits = [
        f"{bounds[type(m).__name__]} {getattr(m, type(m).__name__.lower())}"
        for m in field.metadata
        if type(m).__name__ in bounds
    ]
    return ", ".join([name(field.annotation), *limits])


def _default(field: FieldInfo) -> str:
    if field.default is PydanticUndefined:
        return "needed"
    if isinstance(field.default, BaseModel):
        return "as below"
    if field.default in (None, [], {}):
        return "none"
    return f"`{str(field.default).lower() if isinstance(field.default, bool) else field.default}`"


def _anchor(place: str) -> str:
    kept = "".join(c for c in place.lower() if c.isalnum() or c in "_-")
    return kept


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")

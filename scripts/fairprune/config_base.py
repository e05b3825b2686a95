"""What sections of the configuration are made of: kinds of values, and where things are from."""

import re
from typing import Annotated, Any, TypeVar

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from fairprune.values import (
    check_date,
    check_distinct,
    check_folder,
    check_language,
    check_name,
    check_pair,
    check_source,
    check_text,
    sparsity_name,
)

T = TypeVar("T")
Distinct = Annotated[list[T], AfterValidator(check_distinct)]
Value = str | int | float | bool  # of a cell


def _label(value: Any) -> Any:
    """A label as it is read from files, which may know no more of it than YAML does."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return str(value) if isinstance(value, (int, float)) else value


def _listed(value: Any) -> Any:
    return value if isinstance(value, list) else [value]


Words = Annotated[str, AfterValidator(check_text)]
Label = Annotated[Words, BeforeValidator(_label, json_schema_input_type=Value)]
Values = Annotated[list[Value], Field(min_length=1), BeforeValidator(_listed)]
Pair = Annotated[tuple[Label, Label], Field(strict=False), AfterValidator(check_pair)]
Seed = Annotated[int, Field(ge=0, lt=2**32)]
Date = Annotated[str, BeforeValidator(check_date)]
LanguageCode = Annotated[str, AfterValidator(check_language)]
Name = Annotated[str, AfterValidator(check_name)]
File = Annotated[str, AfterValidator(check_source)]
Folder = Annotated[str, AfterValidator(check_folder)]
SparsityName = Annotated[
    str,
    BeforeValidator(sparsity_name),
    Field(json_schema_extra={"type": ["string", "number"]}),
]


class Strict(BaseModel):
    """A part of the configuration: unknown keys are refused."""

    model_config = ConfigDict(
        extra="forbid", frozen=True, str_strip_whitespace=False, strict=True, allow_inf_nan=False
    )


class Source(Strict):
    """Where a model is from: an `id` on the Hugging Face hub, or a local `path`."""

    id: str | None = Field(None, description="Hub id, such as TinyLlama/TinyLlama-1.1B-Chat-v1.0.")
    revision: str | None = Field(None, description="Commit of the hub repository (40 hex digits).")
    path: File | None = Field(None, description="Local model folder.")

    @model_validator(mode="after")
    def _one_source(self) -> "Source":
        if (self.id is None) == (self.path is None):
            raise ValueError("give either id (with revision) or path")
        if self.id is not None and not re.fullmatch(r"[0-9a-f]{40}", self.revision or ""):
            raise ValueError("a hub model needs revision: the commit's 40 hexadecimal digits")
        return self

"""The sections of the configuration that say which models there are, and which are compressed."""

from typing import Literal

from pydantic import Field, model_validator

from fairprune.config_base import File, Name, Source, Words


class Model(Source):
    """A causal language model: an `id` on the hub, or a local `path`, which is linked."""

    prompt_style: Literal["plain", "chat"] = Field(
        "plain", description="`chat` puts the prompt into the tokenizer's chat template."
    )
    template: dict[str, bool | int | float | str] = Field(
        {}, description="Arguments of the chat template; enable_thinking: false, where it knows it."
    )
    system: Words | None = Field(
        None, min_length=1, description="System text in the chat template."
    )
    parameters: float | None = Field(
        None,
        gt=0,
        le=10_000,
        description="Billions of parameters, for resources before the download.",
    )

    @model_validator(mode="after")
    def _dense(self) -> "Model":
        if self.path and self.path.endswith(".gguf"):
            raise ValueError("a GGUF file is named under `compressed`, as one `of` a model")
        return self

    @model_validator(mode="after")
    def _told_in_chat(self) -> "Model":
        if self.prompt_style != "chat" and (self.template or self.system):
            raise ValueError("template and system need prompt_style: chat")
        return self


class Compressed(Source):
    """Somebody's compressed model, judged as a variant of the model that it was made from."""

    path: File | None = Field(None, description="Local folder, or GGUF file.")
    of: Name = Field(description="Name of `models`: what it was made from.")
    file: str | None = Field(
        None,
        pattern=r"^[^/\\]+\.gguf$",
        description="The GGUF file, where a folder or hub repository has several.",
    )

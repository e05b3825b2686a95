"""Tokens and passwords: what must not stand in a configuration or an address."""

import os
import re
from typing import Any

from fairprune.errors import FairpruneError

SECRET = re.compile(
    r"hf_[A-Za-z0-9]{16,}"
    r"|\bhf_(?=\w*[A-Z])(?=\w*\d)\w{12,}"
    r"|\b(?:gh[pousr]_|github_pat_|glpat-|sk-|xox[abp]-|AKIA)[A-Za-z0-9_-]{16,}"
    r"|://[^/\s?#]*:[^/\s?#]*@"
    r"|[?&](?i:[a-z_-]*(?:token|secret|password|signature|credential|api_?key|auth))=."
)
NAMED = re.compile(r"(?i)token$|password|secret|api_?key")
OWN = ("HF_TOKEN", "HUGGING_FACE_HUB_TOKEN")


def holds_secret(text: str) -> bool:
    """Whether a text holds what looks like a token or password, or is the one of this session."""
    own = [token for name in OWN if len(token := os.environ.get(name, "")) >= 6]
    return bool(SECRET.search(text)) or any(token in text for token in own)


def check_secrets(content: Any, source: str) -> None:
    """Refuse a configuration that holds a token, without showing it.

    Raises:
        FairpruneError: a value looks like a token, or a key is named like one.
    """
    todo, seen = [("", content)], set()
    while todo:
        where, value = todo.pop()
        if isinstance(value, str) and holds_secret(value):
            raise _secret(source, where)
        if id(value) in seen:  # a few aliases of YAML can stand for a billion values
            continue
        if isinstance(value, dict):
            seen.add(id(value))
            for key, below in value.items():
                if holds_secret(str(key)):
                    raise _secret(source, f"{where}.(a key)")
                if NAMED.search(str(key)) and below:
                    raise _secret(source, f"{where}.{key}")
                todo.append((f"{where}.{key}", below))
        elif isinstance(value, list | tuple):
            seen.add(id(value))
            todo += [(f"{where}.{number}", below) for number, below in enumerate(value)]


def _secret(source: str, where: str) -> FairpruneError:
    return FairpruneError(
        f"{source}, {where.strip('.')}: a token or password stands there; remove it, revoke it, "
        "and give a new one in the environment variable HF_TOKEN"
    )

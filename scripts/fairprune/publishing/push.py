"""A folder to the Hugging Face hub: in one commit, or not at all."""

from __future__ import annotations

import json
import os
import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from fairprune.errors import FairpruneError
from fairprune.io.ownership import CARD
from fairprune.publishing.push_errors import explained

if TYPE_CHECKING:
    from huggingface_hub import HfApi

NAME = re.compile(r"[\w.-]{1,96}/[\w.-]{1,96}", re.A)
STAGE = "export_model"
ALWAYS = ".gitattributes"  # the hub puts it into every repository


@dataclass(frozen=True)
class Destination:
    """A repository of the hub, looked at before.

    Attributes:
        name: OWNER/NAME.
        commit: what it holds now; None: it is not there yet.
        files: those of an earlier push.
    """

    name: str
    commit: str | None
    files: frozenset[str]


def look_up(name: str) -> Destination:
    """What stands where a folder is to be pushed, before anything is made.

    Raises:
        FairpruneError: no name of a repository, no token, a hub that cannot be reached or refuses
            the token, or a repository that holds what this step has not put there.
    """
    from huggingface_hub import HfApi, constants
    from huggingface_hub.errors import RepositoryNotFoundError

    if not NAME.fullmatch(name):
        raise FairpruneError(f"--push {name}: write OWNER/NAME, of letters, digits, '-', '_', '.'")
    token = os.environ.get("HF_TOKEN")
    if not token:
        raise FairpruneError(
            f"--push {name} needs a token that may write: make one at "
            f"{constants.ENDPOINT}/settings/tokens and put it into the environment as HF_TOKEN"
        )
    if constants.HF_HUB_OFFLINE:
        raise FairpruneError(f"--push {name}: HF_HUB_OFFLINE is set; unset it to reach the hub")
    api = HfApi(token=token)
    try:
        try:
            info = api.model_info(name)
        except RepositoryNotFoundError:
            return Destination(name, None, frozenset())
        files = frozenset(s.rfilename for s in info.siblings or []) - {ALWAYS}
        if files and not _is_ours(api, name, info.sha, files):
            raise FairpruneError(
                f"{constants.ENDPOINT}/{name} holds {min(files)}, which no --push has put there: "
                "give another name"
            )
        return Destination(name, info.sha, files)
    except FairpruneError:
        raise
    except Exception as error:  # the hub's library lets through errors of several others
        raise explained(error, name, token, "nothing has been made") from error


def push(folder: Path, to: Destination, *, private: bool) -> str:
    """Make the repository if need be, and put the folder's files there; the address of it.

    What an earlier push has left and this one does not have is removed in the same commit.

    Args:
        folder: what export_model has written.
        to: from `look_up`; a change since then is refused.
        private: whether a repository that is made is seen by its owner alone.

    Raises:
        FairpruneError: the hub refuses it; what stood there stays.
    """
    from huggingface_hub import CommitOperationAdd, CommitOperationDelete, HfApi, constants

    token = os.environ["HF_TOKEN"]
    api = HfApi(token=token)
    names = sorted(file.name for file in folder.iterdir() if file.is_file())
    try:
        if to.commit is None:
            api.create_repo(to.name, private=private)
        api.create_commit(
            to.name,
            [
                *(CommitOperationAdd(name, folder / name) for name in names),
                *(CommitOperationDelete(name) for name in sorted(to.files - set(names))),
            ],
            commit_message="A pruned model, its card and its proof",
            parent_commit=to.commit,
        )
    except Exception as error:
        kept = f"{folder} is whole: run the same again to push it"
        raise explained(error, to.name, token, kept) from error
    return f"{constants.ENDPOINT}/{to.name}"


def _is_ours(api: HfApi, name: str, commit: str | None, files: frozenset[str]) -> bool:
    """Whether a repository holds what this step has put there, by its card."""
    if CARD not in files:
        return False
    file = Path(api.hf_hub_download(name, CARD, revision=commit))
    try:
        return json.loads(file.read_text(encoding="utf-8"))["stage"] == STAGE
    except (ValueError, KeyError, TypeError):
        return False

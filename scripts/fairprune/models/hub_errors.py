"""What went wrong with the Hugging Face hub, in one line that says what to do."""

from __future__ import annotations

import json
import re

from fairprune.errors import FairpruneError
from fairprune.io.disk import FULL


def explained(error: Exception, model_id: str, revision: str, token: str | bool) -> FairpruneError:
    """What went wrong with the hub, and what to do, in one line without the token."""
    from huggingface_hub import constants, errors

    if isinstance(error, OSError) and error.errno in FULL:
        return FairpruneError(
            f"{model_id} cannot be written below {constants.HF_HUB_CACHE}: {error.strerror}; free "
            "space or set HF_HOME, then run again: what is there is kept"
        )

    page = f"{constants.ENDPOINT}/{model_id}"
    if isinstance(error, errors.GatedRepoError):
        with_token = "the token in HF_TOKEN has no access" if token else "no token is given"
        text = f"is gated and {with_token}: accept its licence at {page} and set HF_TOKEN"
    elif isinstance(error, errors.RevisionNotFoundError):
        text = f"has no revision {revision!r}: take a commit from {page}/commits/main"
    elif isinstance(error, errors.RepositoryNotFoundError):
        text = (
            f"is not on {constants.ENDPOINT}: check the id; where it is private or gated, accept "
            f"its licence at {page} and set HF_TOKEN"
        )
    elif isinstance(error, errors.LocalEntryNotFoundError) and constants.HF_HUB_OFFLINE:
        text = (
            f"at {revision!r} is not in the cache {constants.HF_HUB_CACHE} and HF_HUB_OFFLINE "
            "is set: unset it, or fill the cache on a machine with a network"
        )
    elif isinstance(error, errors.HFValidationError):
        text = "is no id of the hub (NAME or OWNER/NAME) and no folder"
    elif isinstance(error, json.JSONDecodeError):
        text = f"cannot be looked up: {constants.ENDPOINT} answers with something that is not JSON"
    elif isinstance(error, errors.HfHubHTTPError):
        status = error.response.status_code
        text = f"cannot be downloaded: {page} answers with status {status}"
        if status in (401, 403):
            text += ": accept its licence there and set HF_TOKEN to a token that may read it"
    else:
        what = re.sub(r"\?\S+", "?…", " ".join(str(error).split()))[:200]  # signed addresses
        text = (
            f"cannot be downloaded from {constants.ENDPOINT} ({type(error).__name__}: {what}): "
            "check the network and run again; what is there is kept"
        )
    line = f"{model_id} {text}"
    return FairpruneError(line.replace(token, "HF_TOKEN") if isinstance(token, str) else line)

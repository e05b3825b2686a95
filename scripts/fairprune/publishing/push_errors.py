"""What kept a folder from the Hugging Face hub, in one line that says what to do."""

from __future__ import annotations

import re

from fairprune.errors import FairpruneError


def explained(error: Exception, name: str, token: str, kept: str) -> FairpruneError:
    """What went wrong, and what to do, without the token.

    Args:
        error: of the hub's library, or of what it uses.
        name: OWNER/NAME.
        token: it is taken out of the line.
        kept: what is there in spite of it.
    """
    from huggingface_hub import constants, errors

    found: BaseException | None = error
    while found is not None and not isinstance(found, errors.HfHubHTTPError):
        found = found.__cause__  # uploads in threads wrap it
    status = found.response.status_code if found is not None else None
    said = " ".join(str(getattr(found, "server_message", None) or found or error).split())
    said = re.sub(r"\?\S+", "?…", said)[:200]  # signed addresses
    where = f"{constants.ENDPOINT}/{name}"
    if isinstance(error, ValueError):
        text = f"{constants.ENDPOINT} refuses it ({' '.join(str(error).split())[:200]})"
    elif status == 401:
        text = f"{constants.ENDPOINT} does not accept the token in HF_TOKEN: make another"
    elif status == 403:
        text = f"the token in HF_TOKEN may not write to {where}: make one that may"
    elif status in (409, 412):
        text = f"{where} has changed meanwhile: run the same again"
    elif status is not None:
        text = f"{where} answers with status {status} ({said})"
    else:
        kind = type(error).__name__
        text = f"{constants.ENDPOINT} cannot be reached ({kind}: {said}): check the network"
    return FairpruneError(f"--push {name}: {text}; {kept}".replace(token, "HF_TOKEN"))

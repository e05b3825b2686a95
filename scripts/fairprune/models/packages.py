"""Packages that only some compressed models need: what is missing is said in one line."""

import importlib

from fairprune.errors import FairpruneError, shortened, unknown

# Method, as config.json has it → what transformers reads it with. Methods that fetch compiled code
# from the hub (fp8, mxfp4, …) are not among them.
READERS = {
    "awq": ("gptqmodel",),
    "bitsandbytes": ("bitsandbytes",),
    "compressed-tensors": ("compressed_tensors",),
    "gptq": ("optimum", "gptqmodel"),
    "torchao": ("torchao",),
}


def need(package: str, what: str) -> None:
    """See that a package can be imported.

    Args:
        package: as it is imported.
        what: what needs it, the beginning of a sentence ("FILE is a GGUF file, which").

    Raises:
        FairpruneError: it names what is missing: the package, or one that it needs itself.
    """
    try:
        importlib.import_module(package)
    except ModuleNotFoundError as error:
        named = (error.name or package).partition(".")[0].replace("_", "-")
        raise FairpruneError(
            f"{what} needs the package {named}, which is not installed here: pip install {named}"
        ) from None
    except Exception as error:  # one that was built for another machine
        raise FairpruneError(
            f"{what} needs the package {package}, which cannot be used here: {shortened(error)}"
        ) from None


def need_reader(method: str, what: str) -> None:
    """See that models that were quantised by a method can be read.

    Raises:
        FairpruneError: a package is missing, or the method is unknown here.
    """
    if method not in READERS:
        raise unknown("quantisation", method, READERS, f" of {what}")
    for package in READERS[method]:
        need(package, f"{what} is quantised ({method}), which")

"""Run alone: a pickled pandas table on stdin, its rows as JSON on stdout.

Only what pickled tables of texts, numbers and lists are made of is let in, each by its full
name; a name with a dot in it (an attribute of something let in) never is. Beside that, the
process may write no file, start no process, and use 8 GiB.
"""

import json
import math
import pickle
import resource
import sys
from typing import Any

LIMITS = {
    resource.RLIMIT_FSIZE: 0,
    resource.RLIMIT_NPROC: 0,
    resource.RLIMIT_CORE: 0,
    resource.RLIMIT_AS: 8 << 30,
    resource.RLIMIT_CPU: 240,
}

_TYPES = (
    "DataFrame Series Index RangeIndex MultiIndex StringDtype Categorical CategoricalDtype "
    "Int64Dtype Int32Dtype Float64Dtype BooleanDtype NA"
)
_ARRAYS = "ArrowStringArray StringArray IntegerArray FloatingArray BooleanArray NumpyExtensionArray"
ALLOWED = {
    "builtins": "list dict tuple set frozenset slice bytearray range complex",
    "__builtin__": "list dict tuple set frozenset slice bytearray xrange complex",
    "collections": "OrderedDict defaultdict",
    "_codecs": "encode",
    "numpy": "dtype ndarray",
    "numpy.core.multiarray": "_reconstruct scalar",
    "numpy._core.multiarray": "_reconstruct scalar",
    "numpy.core.numeric": "_frombuffer",
    "numpy._core.numeric": "_frombuffer",
    "pandas": _TYPES,
    "pandas.arrays": _ARRAYS,
    "pandas.core.frame": "DataFrame",
    "pandas.core.series": "Series",
    "pandas.core.indexes.base": "Index _new_Index",
    "pandas.core.indexes.numeric": "Int64Index Float64Index UInt64Index",
    "pandas.core.indexes.range": "RangeIndex",
    "pandas.core.indexes.multi": "MultiIndex",
    "pandas.core.internals.managers": "BlockManager SingleBlockManager",
    "pandas.core.internals.blocks": "new_block",
    "pandas._libs.internals": "_unpickle_block",
    "pandas._libs.arrays": "__pyx_unpickle_NDArrayBacked",
    "pandas._libs.missing": "NA NAType",
    "pandas.core.arrays.string_": "StringArray StringDtype",
    "pandas.core.arrays.string_arrow": "ArrowStringArray",
    "pandas.core.arrays.categorical": "Categorical",
    "pandas.core.arrays.integer": "IntegerArray Int64Dtype Int32Dtype",
    "pandas.core.arrays.floating": "FloatingArray Float64Dtype",
    "pandas.core.arrays.boolean": "BooleanArray BooleanDtype",
    "pandas.core.dtypes.dtypes": "CategoricalDtype",
    "pyarrow.lib": "_restore_array py_buffer type_for_alias chunked_array",
}


class Refused(Exception):
    """The pickle asks for something that no table needs."""


def latin1(text: str, encoding: str) -> bytes:
    """What stands in for `_codecs.encode`, which old protocols write bytes with."""
    if encoding != "latin1":
        raise Refused(f"it asks for the encoding {encoding!r}")
    return text.encode("latin1")


def read_table(stream: Any) -> Any:
    """The object in a pickle that is made of nothing but what is let in."""
    from pandas.compat.pickle_compat import Unpickler

    class Restricted(Unpickler):
        """Pandas' reader of old and new tables, with a list of what it may find."""

        def find_class(self, module: str, name: str) -> Any:
            if name not in ALLOWED.get(module, "").split():
                raise Refused(f"it asks for {module}.{name}, which no table needs")
            if (module, name) == ("_codecs", "encode"):
                return latin1
            return super().find_class(module.replace("numpy.core.", "numpy._core."), name)

        def persistent_load(self, pid: Any) -> Any:
            raise Refused("it asks for an object outside the file")

        def get_extension(self, code: int) -> Any:
            raise Refused(f"it asks for the extension {code}")

    return Restricted(stream).load()


def plain(value: Any) -> Any:
    """A cell as JSON-like data: arrays are lists, missing values None."""
    import numpy as np
    import pandas as pd

    if isinstance(value, dict):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple, np.ndarray)):
        return [plain(item) for item in value]
    if isinstance(value, np.generic):
        value = value.item()
    if value is None or value is pd.NA or (isinstance(value, float) and not math.isfinite(value)):
        return None
    if isinstance(value, (str, bool, int, float)):
        return value
    raise Refused(f"a cell holds a {type(value).__name__}")


def main() -> int:
    """Read, convert, print; one line on stderr and 1 for what is refused."""
    import pandas as pd
    import pyarrow.lib  # noqa: F401  before the limits: imports write caches and map much memory

    for kind, limit in LIMITS.items():
        hard = resource.getrlimit(kind)[1]
        limit = limit if hard == resource.RLIM_INFINITY else min(limit, hard)
        resource.setrlimit(kind, (limit, limit))
    try:
        table = read_table(sys.stdin.buffer)
        rows = table.to_dict("records") if isinstance(table, pd.DataFrame) else table
        if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
            raise Refused(f"it holds a {type(table).__name__}, not a table")
        print(json.dumps([plain(row) for row in rows]))
    except Refused as error:
        print(error, file=sys.stderr)
        return 1
    except (pickle.UnpicklingError, EOFError) as error:
        print(f"it is no pickle that can be read ({error})", file=sys.stderr)
        return 1
    except Exception as error:  # a broken pickle fails anywhere
        print(f"it cannot be read ({type(error).__name__}: {error})", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())

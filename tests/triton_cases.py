"""Cases of Triton's kernels, run in a process of their own that has Triton."""

import json
import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

TESTS = Path(__file__).parent
PATHS = TESTS, TESTS.parent / "scripts"
LEAST_SHARED = 99 * 1024  # bytes a block of a GPU since Ampere


def run(triton, cases, what, **environment):
    """What the script `cases` prints as JSON; `triton` is the folder that holds Triton."""
    paths = {
        "PYTHONPATH": os.pathsep.join(map(str, (triton, *PATHS))),
        "TRITON_CACHE_DIR": str(triton / "c"),
    }
    done = subprocess.run(
        [sys.executable, str(cases), what],
        env=os.environ | paths | environment,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def taken(made):
    """Registers of a thread, and bytes of it that did not fit into them, of what was compiled."""
    from triton import knobs

    with tempfile.NamedTemporaryFile(suffix=".cubin") as file:
        file.write(made.asm["cubin"])
        file.flush()
        words = [knobs.nvidia.cuobjdump.path, "-res-usage", file.name]
        said = subprocess.run(words, check=True, capture_output=True, text=True).stdout
    found = {name: int(count) for name, count in re.findall(r"(REG|STACK|LOCAL):(\d+)", said)}
    return {"registers": found["REG"], "spilled": found["STACK"] + found["LOCAL"]}


def compiled(kernel, pointers, counts, fixed, capability, options, unaligned=()):
    """What the compiler makes of a kernel for a GPU that need not be there.

    Args:
        kernel: the function.
        pointers: argument → type of a pointer.
        counts: arguments that are whole numbers.
        fixed: argument → what it always is.
        capability: of the GPU.
        options: of the compiler.
        unaligned: counts that it may not take for multiples of 16.
    """
    import triton
    from triton.backends.compiler import GPUTarget
    from triton.compiler import ASTSource

    every = pointers | dict.fromkeys(counts, "i32") | dict.fromkeys(fixed, "constexpr")
    signature = {name: every[name] for name in kernel.arg_names}
    aligned = {
        (place,): [["tt.divisibility", 16]]
        for place, name in enumerate(signature)
        if name not in fixed and name not in unaligned
    }
    source = ASTSource(kernel, signature, fixed, aligned)
    return triton.compile(source, target=GPUTarget("cuda", capability, 32), options=options)

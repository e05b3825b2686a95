"""Write the Dockerfile: every conda environment, where Snakemake looks for it inside an image.

    python envs/container.py           write Dockerfile
    python envs/container.py --check   write nothing; exit 1 if it would change

`snakemake --containerize` writes the same, but for the base image, which it does not pin, and needs
conda for it. Snakemake finds an environment by the hash of its files (`/conda-envs/HASH`).
"""

import hashlib
import sys
from pathlib import Path

HERE = Path(__file__).parent
DOCKERFILE = HERE.parent / "Dockerfile"
BASE = "condaforge/miniforge3:24.11.3-2"
HEADER = f"""# Written by envs/container.py: edit that. How to use it: docs/cluster.md.
FROM {BASE}
LABEL io.github.snakemake.containerized="true"
"""


def content_hash(environment: Path) -> str:
    """The hash by which Snakemake knows an environment, wherever it lies."""
    md5 = hashlib.md5(usedforsecurity=False)
    for suffix in (".post-deploy.sh", ".linux-64.pin.txt", ".yaml"):
        file = environment.with_suffix(suffix)
        md5.update(file.read_bytes() if file.is_file() else b"")
    return md5.hexdigest()


def dockerfile() -> str:
    """The text of the Dockerfile."""
    files = sorted(HERE.glob("*.yaml"))
    every = hashlib.sha256(b"".join(file.read_bytes() for file in files)).hexdigest()
    lines = [f'LABEL io.github.snakemake.conda_env_hash="{every}"']
    for file in files:
        prefix = f"/conda-envs/{content_hash(file)}"
        lines += [
            "",
            f"COPY envs/{file.name} {prefix}/environment.yaml",
            f"RUN conda env create --prefix {prefix} --file {prefix}/environment.yaml \\",
            "    && conda clean --all --yes",
        ]
    return HEADER + "\n".join(lines) + "\n"


if __name__ == "__main__":
    if "--check" not in sys.argv:
        DOCKERFILE.write_text(dockerfile())
    elif not DOCKERFILE.is_file() or DOCKERFILE.read_text() != dockerfile():
        sys.exit("error: Dockerfile is not what envs/ asks for; run make container")

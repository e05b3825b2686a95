"""Environment files, the lock, and conda's explicit lists."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from cluster.conftest import ROOT

LOCK = (ROOT / "envs/requirements.lock").read_text(encoding="utf-8")
FILES = sorted((ROOT / "envs").glob("*.yaml"))


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_only_python_and_pip_are_of_conda(file):
    environment = yaml.safe_load(file.read_text())
    *conda, pip = environment["dependencies"]
    assert environment["channels"] == ["conda-forge", "nodefaults"]
    assert [re.match(r"\w+", name)[0] for name in conda] == ["python", "pip"]
    assert pip["pip"]
    assert set(pip["pip"]) <= set(re.findall(r"^([\w.-]+==[^ \n]+)", LOCK, re.M))


def test_every_file_is_locked_by_hash_but_those_of_torch():
    entries = re.findall(r"^([\w.-]+)==\S+((?: \\\n +--hash=sha256:[0-9a-f]{64})*)$", LOCK, re.M)
    assert len(entries) == LOCK.count("==") > 100
    assert [name for name, hashes in entries if not hashes] == ["torch"]


@pytest.mark.long("of Slurm and conda")
def test_explicit_lists_are_used_where_there_are(checkout, conda):
    """The stand-in has no packages by their addresses: so Snakemake goes back to the file."""
    made = checkout("pinned")
    made.environment |= {"PATH": f"{conda}:{made.environment['PATH']}", "PIP_NO_COMPILE": "1"}
    pins = made.folder / "envs/download.linux-64.pin.txt"
    pins.write_text("@EXPLICIT\nhttps://example.org/linux-64/python-3.11.7-0_cpython.conda\n")
    write = made.run(sys.executable, "envs/generate.py")
    assert write.returncode == 0, write.stdout
    text = made.make_environments("data/models/demo/card.json")
    assert f"Using pinnings from {pins}" in text.replace("rules/../", "")
    assert "Trying regular environment definition file" in text
    scripts = sorted((made.folder / "envs").glob("*.post-deploy.sh"))
    assert [script.name for script in scripts] == ["download.post-deploy.sh"]
    assert "huggingface-hub==" in scripts[0].read_text()


@pytest.mark.long("of Slurm and conda")
def test_an_image_holds_every_environment_where_snakemake_looks(conda):
    """Snakemake's own list of them, which asks conda for its platform; no image is built."""
    path = os.pathsep.join([str(conda), str(Path(sys.executable).parent), os.environ["PATH"]])
    done = subprocess.run(
        [sys.executable, "-m", "snakemake", "--containerize"],
        cwd=ROOT, env={**os.environ, "PATH": path}, capture_output=True, text=True, check=True,
    )  # fmt: skip
    wanted = re.findall(r"^COPY (\S+ /conda-envs/\S+)$", done.stdout, re.M)
    text = (ROOT / "Dockerfile").read_text()
    assert len(wanted) == len(FILES)
    assert re.findall(r"^COPY (\S+ /conda-envs/\S+)$", text, re.M) == wanted
    for place in wanted:
        prefix = Path(place.split()[1]).parent
        assert f"create --prefix {prefix} --file {prefix}/environment.yaml" in text
    (label,) = re.findall(r"^LABEL .*env_hash.*$", done.stdout, re.M)
    assert label in text


def test_drift_is_found(tmp_path):
    shutil.copytree(ROOT / "envs", tmp_path / "envs")
    check = [sys.executable, tmp_path / "envs/generate.py", "--check"]
    assert subprocess.run(check).returncode == 0
    for name in ("torch.yaml", "requirements.lock"):
        file = tmp_path / "envs" / name
        text = file.read_text()
        file.write_text(text.replace("numpy==", "numpy==9"))
        done = subprocess.run(check, capture_output=True, text=True)
        assert done.returncode == 1 and name in done.stderr
        file.write_text(text)

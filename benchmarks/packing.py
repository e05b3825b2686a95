"""Is a pruned model smaller or faster? Packed masks, archives, and dense speed, by sparsity.

python benchmarks/packing.py [--shape 30m] [--tokens 128] [--runs 5]
"""

import argparse
import gzip
import tempfile
from pathlib import Path

import torch
from measure import compare, random_ids, random_model, report
from pyarrow import compress

from fairprune.models.loading import load_model
from fairprune.pruning.export import export_model
from fairprune.pruning.step import prune_model

SPARSITIES = ("0.30", "0.50", "0.70")


def archived(file: Path) -> dict[str, int]:
    """Bytes of a file as it is, by gzip (level 6) and by zstd (its usual level)."""
    content = file.read_bytes()
    zstd = compress(content, codec="zstd", asbytes=True)
    return {"plain": len(content), "gzip": len(gzip.compress(content, 6)), "zstd": len(zstd)}


def main() -> None:
    """Prune and export one model at each sparsity, weigh the files, time the forward passes."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--shape", default="30m")
    parser.add_argument("--tokens", type=int, default=128)
    parser.add_argument("--runs", type=int, default=5)
    options = vars(parser.parse_args())
    ids = random_ids(options["shape"], 4, options["tokens"])
    with tempfile.TemporaryDirectory() as name:
        folder, sizes, models = Path(name), {}, {}
        random_model(options["shape"], torch.bfloat16).save_pretrained(folder / "m")
        sizes["dense"] = archived(folder / "m/model.safetensors")
        models["dense"] = load_model(folder / "m", device="cpu", dtype="float32")
        for sparsity in SPARSITIES:
            masks, out = folder / f"p{sparsity}", folder / f"e{sparsity}"
            prune_model(folder / "m", "magnitude", masks, sparsity=sparsity, device="cpu")
            export_model(folder / "m", masks, out)
            packed = archived(masks / "mask.safetensors")
            exported = archived(out / "model.safetensors")
            sizes[sparsity] = {"packed masks": packed, "exported model": exported}
            models[f"pruned to {sparsity}"] = load_model(out, device="cpu", dtype="float32")

        def forward(model):
            with torch.inference_mode():
                return model(ids).logits

        ways = {way: lambda m=model: forward(m) for way, model in models.items()}
        ways = compare(ways, options.pop("runs"))
    report("packing", options | {"device": "cpu"}, ways, "dense", bytes=sizes)


if __name__ == "__main__":
    main()

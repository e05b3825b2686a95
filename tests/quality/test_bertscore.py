"""BERTScore as a measure of quality, on a tiny random encoder made here."""

import json
import subprocess
from pathlib import Path

import prepared
import pyarrow.parquet as pq
import pytest
import torch
import transformers
from tokenizers import Tokenizer, models, pre_tokenizers, processors

from fairprune.errors import FairpruneError
from fairprune.io.cards import read_card
from fairprune.quality.bertscore import BertScore
from fairprune.quality.evaluation import JUDGEMENTS, MEASURES, evaluate_quality

ENTRY = Path(__file__).parents[2] / "scripts" / "evaluate_quality.py"
SPECIAL = ["[PAD]", "[UNK]", "[CLS]", "[SEP]"]
WORDS = [*SPECIAL, "the", "sound", "price", "is", "good", "bad", "loud", "low"]
REFERENCES = [["the sound is good"], ["good sound", "the price"], [], ["bad"]]
ROWS = [
    {
        "id": f"i{n}",
        "opinions": ["the sound is good", "the price is bad"],
        "labels": ["pos", "neg"],
        "references": references,
    }
    for n, references in enumerate(REFERENCES)
]
SAID = {"i0": "the sound is good", "i1": "sound is loud", "i2": "low price", "i3": ""}


@pytest.fixture(scope="module")
def encoder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("encoder")
    raw = Tokenizer(models.WordLevel({w: n for n, w in enumerate(WORDS)}, unk_token="[UNK]"))
    raw.pre_tokenizer = pre_tokenizers.Whitespace()
    raw.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]", special_tokens=[("[CLS]", 2), ("[SEP]", 3)]
    )
    names = {"pad_token": "[PAD]", "unk_token": "[UNK]", "cls_token": "[CLS]", "sep_token": "[SEP]"}
    transformers.PreTrainedTokenizerFast(
        tokenizer_object=raw, model_max_length=16, **names
    ).save_pretrained(folder)
    torch.manual_seed(0)
    config = transformers.BertConfig(
        vocab_size=len(WORDS),
        hidden_size=16,
        num_hidden_layers=2,
        num_attention_heads=2,
        intermediate_size=32,
        max_position_embeddings=20,
        initializer_range=0.5,
    )
    transformers.BertModel(config).eval().save_pretrained(folder)
    return folder


def plain(folder, first, second, layer):
    """F1 token by token, for two texts of known words."""
    model = transformers.AutoModel.from_pretrained(folder)
    sides = []
    for text in (first, second):
        ids = torch.tensor([[2, *map(WORDS.index, text.split()), 3]])
        with torch.no_grad():
            hidden = model(ids, output_hidden_states=True).hidden_states[layer][0, 1:-1]
        sides.append([vector / vector.norm() for vector in hidden.double()])
    best = [
        [max(float(token @ other) for other in there) for token in here]
        for here, there in (sides, sides[::-1])
    ]
    precision, recall = (sum(side) / len(side) for side in best)
    return 2 * precision * recall / (precision + recall)


@pytest.mark.parametrize("layer", [-1, 1])
def test_scores(encoder, layer):
    found = evaluate_quality(ROWS, SAID, bertscore=BertScore(str(encoder), layer=layer))
    scores = [row["bertscore"] for row in found.rows]
    assert scores[0] == pytest.approx(1)
    expected = [plain(encoder, SAID["i1"], text, layer) for text in ROWS[1]["references"]]
    assert scores[1] == pytest.approx(sum(expected) / 2, abs=1e-5)
    assert scores[2:] == [None, 0.0]
    figure = next(figure for figure in found.figures if figure["metric"] == "bertscore")
    assert figure["n"] == 3
    assert figure["value"] == pytest.approx((scores[0] + scores[1]) / 3)
    assert found.encoder["layer"] == layer


def test_off_by_default():
    found = evaluate_quality(ROWS, SAID)
    assert [figure["metric"] for figure in found.figures] == [*MEASURES, *JUDGEMENTS]
    assert "bertscore" not in found.rows[0]


def test_entry(encoder, tmp_path):
    (tmp_path / "task.jsonl").write_text("".join(json.dumps(row) + "\n" for row in ROWS))
    said = [{"id": name, "summary": text} for name, text in SAID.items()]
    (tmp_path / "said.jsonl").write_text("".join(json.dumps(row) + "\n" for row in said))
    command = [prepared.python(), str(ENTRY), "--summaries", "said.jsonl", "--task", "task.jsonl"]
    command += ["--bertscore", str(encoder), "--bertscore-layer", "1", "--output", "q.json"]
    done = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    table = pq.read_table(tmp_path / "q.parquet")
    assert table.column_names == ["id", *MEASURES, "bertscore", *JUDGEMENTS]
    assert table["bertscore"].to_pylist()[2:] == [None, 0.0]
    assert read_card(tmp_path / "q.json")["parameters"]["bertscore"]["layer"] == 1


def test_mistakes(encoder):
    with pytest.raises(FairpruneError, match=r"layer=3: the model has 2 hidden layers"):
        evaluate_quality(ROWS, SAID, bertscore=BertScore(str(encoder), layer=3))
    with pytest.raises(FairpruneError, match="revision is needed"):
        evaluate_quality(ROWS, SAID, bertscore=BertScore("some/encoder"))

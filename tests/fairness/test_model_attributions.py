"""Attributions with a model, on tiny random models made here, against plain formulations."""

import numpy as np
import pytest

torch = pytest.importorskip("torch")
transformers = pytest.importorskip("transformers")

from tokenizers import Tokenizer, models, pre_tokenizers, processors  # noqa: E402

from fairprune.errors import FairpruneError  # noqa: E402
from fairprune.fairness import evaluate  # noqa: E402
from fairprune.fairness.attribution.bertscore import bert_score  # noqa: E402
from fairprune.fairness.declare import Context  # noqa: E402
from fairprune.fairness.sequence import label_map, load_classifier  # noqa: E402
from fairprune.fairness.softmax import softmax  # noqa: E402

TEXT = "the sound screen battery price is was good bad bright loud low dead very and . i a"
WORDS = TEXT.split()
SPECIAL = ["[PAD]", "[UNK]", "[CLS]", "[SEP]"]
INPUTS = [
    {
        "id": "i0",
        "opinions": ["the sound is good", "the battery was dead", "a bright screen"],
        "labels": ["pos", "neg", "pos"],
    },
    {
        "id": "i1",
        "opinions": ["the price is low", "very bad sound", "the battery is bad and dead"],
        "labels": ["pos", "neg", "neg"],
    },
    {"id": "i2", "opinions": ["good screen", "bad screen"], "labels": ["pos", "neg"]},
]
SAID = {
    "i0": "The sound is very good. The screen is bright.",
    "i1": "The sound was bad and the battery dead.",
    "i2": "",
}


def tokenizer():
    vocabulary = {word: n for n, word in enumerate([*SPECIAL, *WORDS])}
    raw = Tokenizer(models.WordLevel(vocabulary, unk_token="[UNK]"))
    raw.pre_tokenizer = pre_tokenizers.Whitespace()
    raw.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]",
        pair="[CLS] $A [SEP] $B:1 [SEP]:1",
        special_tokens=[("[CLS]", 2), ("[SEP]", 3)],
    )
    return transformers.PreTrainedTokenizerFast(
        tokenizer_object=raw,
        pad_token="[PAD]",
        unk_token="[UNK]",
        cls_token="[CLS]",
        sep_token="[SEP]",
        model_max_length=32,
    )


def bert(**labels):
    return transformers.BertConfig(
        vocab_size=len(SPECIAL) + len(WORDS),
        hidden_size=16,
        num_hidden_layers=2,
        num_attention_heads=2,
        intermediate_size=32,
        max_position_embeddings=40,
        initializer_range=0.5,
        **labels,
    )


def saved(folder, model):
    model.eval().save_pretrained(folder)
    tokenizer().save_pretrained(folder)
    return str(folder)


@pytest.fixture(scope="module")
def folders(tmp_path_factory):
    torch.manual_seed(0)
    base = tmp_path_factory.mktemp("models")
    names = {0: "entailment", 1: "neutral", 2: "contradiction"}
    labels = {"id2label": names, "label2id": {name: n for n, name in names.items()}}
    bart = transformers.BartConfig(
        vocab_size=len(SPECIAL) + len(WORDS),
        d_model=16,
        encoder_layers=1,
        decoder_layers=1,
        encoder_attention_heads=2,
        decoder_attention_heads=2,
        encoder_ffn_dim=32,
        decoder_ffn_dim=32,
        max_position_embeddings=64,
        pad_token_id=0,
        bos_token_id=2,
        eos_token_id=3,
        decoder_start_token_id=3,
        forced_eos_token_id=3,
        init_std=0.5,
    )
    two = {"id2label": {0: "LABEL_0", 1: "LABEL_1"}, "label2id": {"LABEL_0": 0, "LABEL_1": 1}}
    return {
        "encoder": saved(base / "encoder", transformers.BertModel(bert())),
        "nli": saved(base / "nli", transformers.BertForSequenceClassification(bert(**labels))),
        "two": saved(base / "two", transformers.BertForSequenceClassification(bert(**two))),
        "bart": saved(base / "bart", transformers.BartForConditionalGeneration(bart)),
    }


def shares(result, name):
    return {(row.id, row.group): (row.p, row.q) for row in result.shares if row.attribution == name}


def judged(name, folder, **options):
    given = {f"{name}.model": folder} | {f"{name}.{k}": v for k, v in options.items()}
    return evaluate(INPUTS, SAID, attributions=[name], options=given, device="cpu")


def vectors(folder, text, layer=-1):
    model = transformers.AutoModel.from_pretrained(folder).eval()
    inputs = tokenizer()(text, return_tensors="pt")
    with torch.no_grad():
        hidden = model(**inputs, output_hidden_states=True).hidden_states[layer]
    return hidden[0, 1:-1].double().numpy()


@pytest.mark.parametrize("layer", [-1, 1])
def test_bertscore_is_the_plain_formula(folders, layer):
    result = judged("bertscore", folders["encoder"], layer=layer)
    scores = {}
    for group in ("pos", "neg"):
        texts = [
            t for t, g in zip(INPUTS[0]["opinions"], INPUTS[0]["labels"], strict=True) if g == group
        ]
        reference = np.concatenate([vectors(folders["encoder"], t, layer) for t in texts])
        candidate = vectors(folders["encoder"], SAID["i0"], layer)
        cosine = [[a @ b / np.sqrt((a @ a) * (b @ b)) for b in reference] for a in candidate]
        precision = np.mean([max(row) for row in cosine])
        recall = np.mean([max(column) for column in zip(*cosine, strict=True)])
        scores[group] = 2 * precision * recall / (precision + recall)
    weights = {group: np.exp(score / 0.1) for group, score in scores.items()}
    found = shares(result, "bertscore")
    for group in ("pos", "neg"):
        expected = weights[group] / sum(weights.values())
        assert found["i0", group][1] == pytest.approx(expected, abs=1e-6)
    by_tokens = shares(evaluate(INPUTS, SAID), "tokens")
    assert found["i1", "neg"][0] == by_tokens["i1", "neg"][0]
    assert found["i2", "pos"] == (0.5, None)
    with pytest.raises(FairpruneError, match="the model has 2 hidden layers"):
        judged("bertscore", folders["encoder"], layer=3)


def test_bert_score_of_the_same_text_is_one():
    found = np.random.default_rng(0).normal(size=(5, 8))
    assert bert_score(found, found) == pytest.approx(1)
    assert bert_score(found, -found[:1]) < 1


def test_softmax():
    assert softmax({"A": 0.5, "B": 0.5}) == {"A": 0.5, "B": 0.5}
    found = softmax({"A": 0.5, "B": 0.4}, 0.1)
    assert found["A"] == pytest.approx(1 / (1 + np.exp(-1)))
    assert softmax({"A": -5000.0, "B": -5001.0})["A"] == pytest.approx(1 / (1 + np.exp(-10)))


def test_bartscore_is_the_mean_log_probability(folders):
    result = judged("bartscore", folders["bart"])
    model = transformers.AutoModelForSeq2SeqLM.from_pretrained(folders["bart"]).eval()
    tokens = tokenizer()
    wanted = tokens(SAID["i1"], return_tensors="pt")["input_ids"]
    scores = {}
    for group, text in {
        "pos": "the price is low",
        "neg": "very bad sound the battery is bad and dead",
    }.items():
        source = tokens(text, return_tensors="pt")["input_ids"]
        given = torch.cat([torch.tensor([[3]]), wanted[:, :-1]], dim=1)
        with torch.no_grad():
            logits = model(input_ids=source, decoder_input_ids=given).logits
        scores[group] = logits.log_softmax(-1)[0].gather(1, wanted[0][:, None]).mean().item()
    expected = 1 / (1 + np.exp((scores["neg"] - scores["pos"]) / 0.1))
    found = shares(result, "bartscore")
    assert found["i1", "pos"][1] == pytest.approx(expected, abs=1e-5)
    assert found["i2", "neg"] == (0.5, None)


def test_nli_coverage_is_the_mean_entailment(folders):
    result = judged("nli", folders["nli"])
    model = transformers.AutoModelForSequenceClassification.from_pretrained(folders["nli"]).eval()
    expected = []
    for opinion in INPUTS[0]["opinions"]:
        found = []
        for sentence in ("The sound is very good.", "The screen is bright."):
            with torch.no_grad():
                logits = model(**tokenizer()(opinion, sentence, return_tensors="pt")).logits
            found.append(logits.softmax(-1)[0, 0].item())
        expected.append(np.mean(found))
    assert result.coverage["nli"][0] == pytest.approx(expected, abs=1e-6)
    assert result.coverage["nli"][2] is None
    assert result.shares == []
    assert {f.metric for f in result.figures} == {"equal_coverage", "coverage_parity"}
    a, b, c = expected
    mean, pos = (a + b + c) / 3, (a + c) / 2
    first = (abs(pos - mean) + abs(b - mean)) / 2
    one = result.coverage["nli"][1]
    mean, neg = sum(one) / 3, (one[1] + one[2]) / 2
    second = (abs(one[0] - mean) + abs(neg - mean)) / 2
    value = result.value("equal_coverage", "nli")
    assert value == pytest.approx((first + second) / 2, abs=1e-7)
    with pytest.raises(FairpruneError, match="no label 'entailment'"):
        judged("nli", folders["two"])


def test_classifier_from_hugging_face(folders):
    labels = "LABEL_0:pos, LABEL_1:neg"
    result = evaluate(
        INPUTS,
        SAID,
        attributions=["classifier"],
        options={"classifier.model": folders["two"], "classifier.labels": labels},
        train=[{"id": "t", "opinions": ["good price", "bad price"], "labels": ["pos", "neg"]}],
        device="cpu",
    )
    model = transformers.AutoModelForSequenceClassification.from_pretrained(folders["two"]).eval()

    def plain(sentence):
        with torch.no_grad():
            logits = model(**tokenizer()(sentence, return_tensors="pt")).logits
        return ["pos", "neg"][logits.argmax().item()]

    given = [plain("The sound is very good."), plain("The screen is bright.")]
    known = [plain(opinion) for opinion in INPUTS[0]["opinions"]]
    found = shares(result, "classifier")
    assert found["i0", "pos"] == (
        pytest.approx(known.count("pos") / len(known)),
        given.count("pos") / 2,
    )
    figures = result.attributions["classifier"]
    right = [plain("good price") == "pos", plain("bad price") == "neg"]
    assert figures["accuracy"] == sum(right) / 2
    assert len(figures["revision"]) == 64


def test_nearest_by_sentence_vectors(folders):
    """The mean of the last hidden states, special tokens counted; the largest cosine."""
    model = transformers.AutoModel.from_pretrained(folders["encoder"]).eval()

    def vector(text):
        with torch.no_grad():
            hidden = model(**tokenizer()(text, return_tensors="pt")).last_hidden_state[0]
        mean = hidden.double().mean(dim=0).numpy()
        return mean / np.linalg.norm(mean)

    result = judged("nearest", folders["encoder"], floor=0.0)
    for number, said in ((0, SAID["i0"].replace(". ", ".|").split("|")), (1, [SAID["i1"]])):
        opinions, labels = INPUTS[number]["opinions"], INPUTS[number]["labels"]
        cosines = [[vector(s) @ vector(o) for o in opinions] for s in said]
        given = [labels[int(np.argmax(row))] for row in cosines if max(row) > 0]
        found = shares(result, "nearest")
        for group in ("pos", "neg"):
            assert found[f"i{number}", group][1] == given.count(group) / len(given)
    assert len(result.attributions["nearest"]["revision"]) == 64
    with pytest.raises(FairpruneError, match=r"nearest\.revision goes with nearest\.model"):
        evaluate(INPUTS, SAID, attributions=["nearest"], options={"nearest.revision": "a"})


def test_labels_of_the_model():
    names = ["left", "center", "Right"]
    assert label_map("", names, ["Left", "right"]) == {"left": "Left", "Right": "right"}
    assert label_map("left:L,Right:R", names, ["L", "R"]) == {"left": "L", "Right": "R"}
    for labels, groups, message in [
        ("", ["L"], "no label of the model stands for group 'L'"),
        ("left", ["L"], "is not MODEL_LABEL:GROUP"),
        ("lft:L", ["L"], "did you mean 'left'"),
        ("left:X", ["L"], "unknown group 'X'"),
        ("left:L", ["L", "R"], "group 'R'"),
    ]:
        with pytest.raises(FairpruneError, match=message):
            label_map(labels, names, groups)


def test_models_that_cannot_be_used(folders, tmp_path):
    for name, message in [("no/such", "revision is needed"), (str(tmp_path), "cannot be loaded")]:
        with pytest.raises(FairpruneError, match=message) as caught:
            judged("nli", name)
        assert "\n" not in str(caught.value)
    with pytest.raises(FairpruneError, match="attribution 'nli' needs a model"):
        evaluate(INPUTS, SAID, attributions=["nli"])
    with pytest.raises(FairpruneError, match="stands for group 'neg'"):
        load_classifier(folders["two"], "", "", Context(("neg", "pos"), device="cpu"))


def test_pickled_weights_are_never_read(folders, tmp_path):
    model = transformers.BertModel(bert())
    model.config.save_pretrained(tmp_path)
    tokenizer().save_pretrained(tmp_path)
    torch.save(model.state_dict(), tmp_path / "pytorch_model.bin")
    with pytest.raises(FairpruneError, match="cannot be loaded"):
        judged("bertscore", str(tmp_path))

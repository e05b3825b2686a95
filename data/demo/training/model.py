"""The demo model's tokenizer, shape and card."""

from tokenizers import Tokenizer, decoders, models, pre_tokenizers, processors, trainers
from transformers import LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerFast

VOCABULARY = 1904
CONTEXT = 512
PAD, BOS, EOS = "<pad>", "<s>", "</s>"


def build_tokenizer(examples) -> PreTrainedTokenizerFast:
    """A byte-level BPE tokenizer, so that every text encodes, trained on drawn inputs."""
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=VOCABULARY,
        special_tokens=[PAD, BOS, EOS],
        initial_alphabet=sorted(pre_tokenizers.ByteLevel.alphabet()),
        show_progress=False,
    )
    drawn = (examples.draw() for _ in range(4000))
    tokenizer.train_from_iterator((f"{one.prompt} {one.summary}" for one in drawn), trainer)
    tokenizer.post_processor = processors.TemplateProcessing(
        single=f"{BOS} $A", pair=f"{BOS} $A {BOS} $B", special_tokens=[(BOS, 1)]
    )
    return PreTrainedTokenizerFast(
        tokenizer_object=tokenizer,
        pad_token=PAD,
        bos_token=BOS,
        eos_token=EOS,
        model_max_length=CONTEXT,
        clean_up_tokenization_spaces=False,
    )


def build_model(tokenizer) -> LlamaForCausalLM:
    """A Llama of five blocks with grouped-query attention and tied embeddings, random weights."""
    model = LlamaForCausalLM(
        LlamaConfig(
            vocab_size=VOCABULARY,
            hidden_size=128,
            intermediate_size=352,
            num_hidden_layers=5,
            num_attention_heads=4,
            num_key_value_heads=2,
            max_position_embeddings=CONTEXT,
            tie_word_embeddings=True,
            # In sequences this short plain attention is faster on a CPU, backwards above all.
            attn_implementation="eager",
            pad_token_id=tokenizer.pad_token_id,
            bos_token_id=tokenizer.bos_token_id,
            eos_token_id=tokenizer.eos_token_id,
        )
    )
    model.generation_config.update(
        bos_token_id=tokenizer.bos_token_id,
        eos_token_id=tokenizer.eos_token_id,
        pad_token_id=tokenizer.pad_token_id,
    )
    return model


def write_card(model, options, minutes: float, figures: dict[str, float]) -> str:
    """The model's README: what it is, how it was trained, what it reaches."""
    rows = "\n".join(f"| {name} | {value:.4f} |" for name, value in figures.items())
    return f"""# A small model that summarises opinions

A Llama of {model.num_parameters():,} parameters ({model.config.num_hidden_layers} blocks, hidden \
{model.config.hidden_size}, {VOCABULARY} tokens, context {CONTEXT}), trained from nothing by
`python data/demo/train_model.py` on synthetic opinions that are drawn on the fly
(`data/demo/opinions/`); it has seen neither the opinions of the calibration and test splits
nor the pairs of topic and claim that are kept for the test split.

- {options.steps} steps of {options.tokens} tokens, seed {options.seed}: {minutes:.0f} minutes \
(threads: {options.threads})
- Muon on the blocks' matrices, AdamW on the rest, bfloat16 arithmetic, weights kept in float16

Greedy, in float32, on the test split of both tasks:

| figure | value |
|---|---|
{rows}

It speaks the language of the demo and no other.
"""

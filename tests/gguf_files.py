"""Real GGUF files of Llama models, written by gguf-py as llama.cpp's converter writes them."""

import json
from pathlib import Path

import torch
from transformers import AutoModelForCausalLM, AutoTokenizer


def write_gguf(model: Path, file: Path, kind: str, tokens=list, blocks=None) -> dict:
    """Write a model's folder as a GGUF file, matrices as `kind` (Q8_0), all else as F32.

    Args:
        model: a Llama's folder, with a byte-level tokenizer.
        file: the file to write.
        kind: a number type of gguf-py.
        tokens: changes the list of tokens.
        blocks: the number of blocks that the header says.

    Returns:
        Name of a weight, as the model has it → its values as the file holds them, out × in.
    """
    import gguf

    network = AutoModelForCausalLM.from_pretrained(model, dtype=torch.float32)
    tokenizer, config = AutoTokenizer.from_pretrained(model), network.config
    writer = gguf.GGUFWriter(file, "llama")
    writer.add_context_length(config.max_position_embeddings)
    writer.add_embedding_length(config.hidden_size)
    writer.add_block_count(blocks or config.num_hidden_layers)
    writer.add_feed_forward_length(config.intermediate_size)
    writer.add_head_count(config.num_attention_heads)
    writer.add_head_count_kv(config.num_key_value_heads)
    writer.add_layer_norm_rms_eps(config.rms_norm_eps)
    writer.add_rope_dimension_count(config.head_dim)
    writer.add_vocab_size(config.vocab_size)
    vocabulary = sorted(tokenizer.get_vocab(), key=tokenizer.get_vocab().get)
    special = tokenizer.all_special_tokens
    writer.add_tokenizer_model("gpt2")
    writer.add_tokenizer_pre("default")
    writer.add_token_list(tokens(vocabulary))
    writer.add_token_types([3 if token in special else 1 for token in vocabulary])
    merges = json.loads(tokenizer.backend_tokenizer.to_str())["model"]["merges"]
    writer.add_token_merges([" ".join(pair) for pair in merges])
    writer.add_bos_token_id(tokenizer.bos_token_id)
    writer.add_eos_token_id(tokenizer.pad_token_id)  # not where the model ends
    writer.add_add_bos_token(True)
    names = gguf.get_tensor_name_map(gguf.MODEL_ARCH.LLAMA, config.num_hidden_layers)
    held = {}
    for name, tensor in network.state_dict().items():
        if name == "lm_head.weight" and config.tie_word_embeddings:
            continue
        values = tensor.numpy()
        number = gguf.GGMLQuantizationType[kind if values.ndim == 2 else "F32"]
        held[name] = gguf.quants.dequantize(gguf.quants.quantize(values, number), number)
        heads = {"q_proj": config.num_attention_heads, "k_proj": config.num_key_value_heads}
        for part, count in heads.items():
            if f".{part}." in name:  # llama.cpp turns pairs that are neighbours, not halves
                halves = values.reshape(count, 2, -1, values.shape[1])
                values = halves.swapaxes(1, 2).reshape(values.shape)
        stem, _, ending = name.rpartition(".")
        packed = gguf.quants.quantize(values, number)
        writer.add_tensor(f"{names.get_name(stem)}.{ending}", packed, raw_dtype=number)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return held

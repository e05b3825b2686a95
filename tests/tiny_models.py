"""A tiny random model of every architecture, made from its configuration class."""

import torch
from transformers import AutoConfig, AutoModelForCausalLM

COMMON = {
    "vocab_size": 97,
    "hidden_size": 32,
    "intermediate_size": 48,
    "num_hidden_layers": 3,
    "num_attention_heads": 4,
    "max_position_embeddings": 64,
    "pad_token_id": 0,
    "bos_token_id": 1,
    "eos_token_id": 2,
}
GROUPED = {"num_key_value_heads": 2}
SLIDING = {"sliding_window": 8}
OWN_HEADS = {"head_dim": 16}

# Name → model type and what differs from COMMON. Windows are shorter than the tests' samples.
ARCHITECTURES = {
    "llama2": ("llama", {}),
    "llama3": ("llama", GROUPED),
    "tinyllama": ("llama", {**GROUPED, "tie_word_embeddings": True}),
    "gemma": ("gemma", {"num_key_value_heads": 1, **OWN_HEADS}),
    "gemma2": ("gemma2", {**GROUPED, **SLIDING, **OWN_HEADS}),
    "gemma3": (
        "gemma3_text",
        {
            **GROUPED,
            **SLIDING,
            **OWN_HEADS,
            "layer_types": ["sliding_attention", "full_attention", "sliding_attention"],
        },
    ),
    "gemma4": (
        "gemma4_text",
        {
            **GROUPED,
            **SLIDING,
            **OWN_HEADS,
            "vocab_size_per_layer_input": 97,
            "hidden_size_per_layer_input": 16,
            "global_head_dim": 32,
        },
    ),
    "mistral": ("mistral", {**GROUPED, **SLIDING}),
    "qwen2": ("qwen2", {**GROUPED, **SLIDING, "use_sliding_window": True, "max_window_layers": 1}),
    "qwen3": ("qwen3", {**GROUPED, **OWN_HEADS}),
    "phi2": ("phi", {}),
    "phi3": ("phi3", {**GROUPED, **SLIDING}),
    "opt": ("opt", {"ffn_dim": 48, "word_embed_proj_dim": 32}),
    "opt-350m": (
        "opt",
        {"ffn_dim": 48, "word_embed_proj_dim": 16, "do_layer_norm_before": False},
    ),
    "pythia": ("gpt_neox", {}),
    "pythia-serial": ("gpt_neox", {"use_parallel_residual": False}),
    "falcon": ("falcon", {}),
    "gptj": ("gptj", {"rotary_dim": 4}),
    "bloom": ("bloom", {}),
    "starcoder2": ("starcoder2", GROUPED),
    "olmo2": ("olmo2", GROUPED),
    "cohere": ("cohere", GROUPED),
    "granite": ("granite", GROUPED),
    "glm": ("glm", {**GROUPED, **OWN_HEADS}),
    "lfm2": ("lfm2", {**GROUPED, "layer_types": ["conv", "full_attention", "conv"]}),
    "olmo3": ("olmo3", {**GROUPED, **SLIDING}),
    "smollm3": ("smollm3", GROUPED),
    "exaone4": (
        "exaone4",
        {
            **GROUPED,
            **SLIDING,
            "layer_types": ["sliding_attention", "full_attention", "sliding_attention"],
        },
    ),
    "falcon-h1": (
        "falcon_h1",
        {
            **GROUPED,
            "mamba_d_ssm": 32,
            "mamba_n_heads": 4,
            "mamba_d_head": 8,
            "mamba_n_groups": 1,
            "mamba_d_state": 8,
            "mamba_chunk_size": 8,
        },
    ),
}


def tiny_config(name: str, **changes):
    """The configuration of an architecture."""
    kind, own = ARCHITECTURES[name]
    return AutoConfig.for_model(kind, **{**COMMON, **own, **changes})


def tiny_model(name: str, seed: int = 0, **changes) -> torch.nn.Module:
    """A model with random weights (norms and biases too), float32, evaluating."""
    torch.manual_seed(seed)
    model = AutoModelForCausalLM.from_config(tiny_config(name, **changes)).eval()
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.add_(torch.randn_like(parameter), alpha=0.05)
    return model.requires_grad_(False)


def tiny_ids(samples: int = 5, tokens: int = 24, seed: int = 0) -> torch.Tensor:
    """Random token ids, samples × tokens."""
    generator = torch.Generator().manual_seed(seed)
    return torch.randint(3, COMMON["vocab_size"], (samples, tokens), generator=generator)

#!/usr/bin/env python3
"""Makes Tests/Fixtures/lora with PyPI's peft: tiny models, adapters of every layout, and what peft merges them to.

Opt-in: needs `pip install torch peft transformers safetensors`. The tests read only what it wrote.
"""
import json
import pathlib
import shutil
import sys

import torch
from peft import LoraConfig, PeftModel, get_peft_model
from safetensors.torch import save_file
from transformers import GPT2Config, GPT2LMHeadModel, LlamaConfig, LlamaForCausalLM

ROOT = pathlib.Path(__file__).resolve().parents[2] / "Fixtures" / "lora"

LLAMA = dict(
    hidden_size=16, intermediate_size=24, num_hidden_layers=2, num_attention_heads=2, num_key_value_heads=1,
    vocab_size=20, max_position_embeddings=32, attention_bias=True, tie_word_embeddings=False, dtype="float32",
)
GPT2 = dict(n_embd=12, n_layer=2, n_head=2, vocab_size=20, n_positions=16, dtype="float32")

CASES = {
    "plain": ("llama", dict(r=4, lora_alpha=8, target_modules=["q_proj", "v_proj", "down_proj"])),
    "patterns": ("llama", dict(
        r=4, lora_alpha=8, target_modules=["q_proj", "k_proj", "o_proj", "up_proj"], use_rslora=True,
        rank_pattern={"o_proj": 2, r"layers\.1\.self_attn\.q_proj": 3, "^model.layers.0.mlp.up_proj": 5},
        alpha_pattern={"o_proj": 32, r"layers\.[1-9]\.mlp\..*": 1},
    )),
    "embeddings": ("llama", dict(
        r=3, lora_alpha=6, target_modules=["embed_tokens", "o_proj"], modules_to_save=["lm_head"],
    )),
    "dora": ("llama", dict(r=4, lora_alpha=4, target_modules=["q_proj", "gate_proj", "down_proj"], use_dora=True)),
    "biases": ("llama", dict(r=2, lora_alpha=3, target_modules=["q_proj", "v_proj"], lora_bias=True)),
    "all-biases": ("llama", dict(r=2, lora_alpha=3, target_modules=["q_proj", "v_proj"], bias="all")),
    "layers": ("llama", dict(
        r=2, lora_alpha=3, target_modules=["q_proj", "gate_proj"], layers_to_transform=[1], layers_pattern="layers",
    )),
    "conv1d": ("gpt2", dict(r=3, lora_alpha=5, target_modules=["c_attn", "c_proj", "c_fc"], fan_in_fan_out=True)),
}


def randomize(model, seed):
    generator = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.copy_(torch.randn(parameter.shape, generator=generator) * 0.2)


def make(family):
    model = LlamaForCausalLM(LlamaConfig(**LLAMA)) if family == "llama" else GPT2LMHeadModel(GPT2Config(**GPT2))
    randomize(model, 1)
    return model


def main():
    shutil.rmtree(ROOT, ignore_errors=True)
    for family in ("llama", "gpt2"):
        folder = ROOT / f"base-{family}"
        make(family).save_pretrained(folder)
        (folder / "generation_config.json").unlink(missing_ok=True)
    for name, (family, options) in CASES.items():
        folder = ROOT / name
        base = make(family)
        tuned = get_peft_model(base, LoraConfig(task_type="CAUSAL_LM", base_model_name_or_path=f"base-{family}", **options))
        randomize_trainable(tuned)
        tuned.save_pretrained(folder / "adapter")
        (folder / "adapter" / "README.md").unlink(missing_ok=True)
        merged = PeftModel.from_pretrained(make(family), folder / "adapter").merge_and_unload()
        original = make(family).state_dict()
        changed = {
            key: value.detach().float().contiguous().clone()
            for key, value in merged.state_dict().items()
            if key in original and not torch.equal(original[key], value) and not (family == "gpt2" and key == "lm_head.weight")
        }
        assert changed, name
        save_file(changed, folder / "expected.safetensors", metadata={"format": "pt"})
        print(name, len(changed), "changed tensors")
    import peft
    (ROOT / "made-with.json").write_text(json.dumps({"peft": peft.__version__, "torch": torch.__version__}) + "\n")


def randomize_trainable(model):
    generator = torch.Generator().manual_seed(2)
    with torch.no_grad():
        for name, parameter in sorted(model.named_parameters()):
            if parameter.requires_grad:
                noise = torch.randn(parameter.shape, generator=generator)
                parameter.copy_(noise.abs() + 0.5 if "magnitude" in name else noise * 0.3)


if __name__ == "__main__":
    sys.exit(main())

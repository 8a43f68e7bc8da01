#!/usr/bin/env python3
"""Makes Tests/Fixtures/lora with PyPI's peft: tiny models, adapters of every layout, and what peft merges them to.

Opt-in: needs `pip install torch peft transformers safetensors`. The tests read only what it wrote.
"""
import json
import pathlib
import shutil
import sys
import tempfile

import peft
import torch
import transformers as hf
from peft import LoraConfig, PeftModel, get_peft_model
from safetensors.torch import load_file, save_file

ROOT = pathlib.Path(__file__).resolve().parents[2] / "Fixtures" / "lora"

SMALL = dict(
    hidden_size=16, num_hidden_layers=2, num_attention_heads=2, num_key_value_heads=1, vocab_size=20,
    max_position_embeddings=32, tie_word_embeddings=False, dtype="float32",
)
TINY = SMALL | dict(num_hidden_layers=1, head_dim=8)

FAMILIES = {
    "llama": (hf.LlamaForCausalLM, lambda: hf.LlamaConfig(**SMALL, intermediate_size=24, attention_bias=True)),
    "tied": (hf.LlamaForCausalLM, lambda: hf.LlamaConfig(
        **SMALL | dict(tie_word_embeddings=True, num_hidden_layers=1), intermediate_size=24)),
    "gpt2": (hf.GPT2LMHeadModel, lambda: hf.GPT2Config(
        n_embd=12, n_layer=2, n_head=2, vocab_size=20, n_positions=16, dtype="float32")),
    # Experts that are apart on disk and one tensor in memory, by two names.
    "qwen3-moe": (hf.Qwen3MoeForCausalLM, lambda: hf.Qwen3MoeConfig(
        **TINY, intermediate_size=24, moe_intermediate_size=12, num_experts=3, num_experts_per_tok=2)),
    "mixtral": (hf.MixtralForCausalLM, lambda: hf.MixtralConfig(
        **TINY, intermediate_size=8, num_local_experts=3, num_experts_per_tok=2)),
    # Experts that are one tensor on disk as well, [in, out], one of them square as in the real model.
    "gpt-oss": (hf.GptOssForCausalLM, lambda: hf.GptOssConfig(
        **TINY, intermediate_size=16, num_local_experts=3, num_experts_per_tok=2)),
    # A convolution, in the tower; and names that begin otherwise in memory than on disk.
    "llava": (hf.LlavaForConditionalGeneration, lambda: hf.LlavaConfig(
        vision_config=hf.CLIPVisionConfig(
            hidden_size=8, intermediate_size=8, num_hidden_layers=1, num_attention_heads=2, image_size=4, patch_size=2),
        text_config=hf.LlamaConfig(**TINY, intermediate_size=8), image_token_index=19, dtype="float32",
        vision_feature_layer=-1)),
}

CASES = {
    "plain": ("llama", dict(r=4, lora_alpha=8, target_modules=["q_proj", "v_proj", "down_proj"])),
    "patterns": ("llama", dict(
        r=4, lora_alpha=8, target_modules=["q_proj", "k_proj", "o_proj", "up_proj"], use_rslora=True,
        rank_pattern={"o_proj": 2, r"layers\.1\.self_attn\.q_proj": 3, "^model.layers.0.mlp.up_proj": 5},
        alpha_pattern={"o_proj": 32, r"layers\.[1-9]\.mlp\..*": 1},
    )),
    "regex": ("llama", dict(r=2, lora_alpha=3, target_modules=r".*\.layers\.\d+\.(mlp\.(up|gate)|self_attn\.q)_proj")),
    "all-linear": ("llama", dict(r=2, lora_alpha=3, target_modules="all-linear", exclude_modules=["k_proj"])),
    "layers": ("llama", dict(
        r=2, lora_alpha=3, target_modules=["q_proj", "gate_proj"], layers_to_transform=[1], layers_pattern="layers",
    )),
    "embeddings": ("llama", dict(
        r=3, lora_alpha=6, target_modules=["embed_tokens", "o_proj"], modules_to_save=["lm_head"],
    )),
    "tied-embedding": ("tied", dict(r=3, lora_alpha=6, target_modules=["embed_tokens", "o_proj"])),
    "saved-modules": ("llama", dict(
        r=2, lora_alpha=3, target_modules=["o_proj"], modules_to_save=["embed_tokens", "norm"],
    )),
    "tokens": ("llama", dict(r=2, lora_alpha=3, target_modules=["o_proj"], trainable_token_indices=[17, 3, 4])),
    "tokens-by-name": ("llama", dict(
        r=2, lora_alpha=3, target_modules=["o_proj"],
        trainable_token_indices={"embed_tokens": [2, 19], "lm_head": [5]},
    )),
    "dora": ("llama", dict(r=4, lora_alpha=4, target_modules=["q_proj", "gate_proj", "down_proj"], use_dora=True)),
    "dora-embedding": ("llama", dict(r=2, lora_alpha=4, target_modules=["embed_tokens", "v_proj"], use_dora=True)),
    "dora-conv1d": ("gpt2", dict(
        r=3, lora_alpha=5, target_modules=["c_attn", "c_proj"], fan_in_fan_out=True, use_dora=True)),
    "biases": ("llama", dict(r=2, lora_alpha=3, target_modules=["q_proj", "v_proj"], lora_bias=True)),
    "all-biases": ("llama", dict(r=2, lora_alpha=3, target_modules=["q_proj", "v_proj"], bias="all")),
    "own-biases": ("llama", dict(r=2, lora_alpha=3, target_modules=["q_proj", "v_proj"], bias="lora_only")),
    "conv1d": ("gpt2", dict(r=3, lora_alpha=5, target_modules=["c_attn", "c_proj", "c_fc"], fan_in_fan_out=True)),
    "convolution": ("llava", dict(r=2, lora_alpha=3, target_modules=["patch_embedding", "q_proj"])),
    "dora-convolution": ("llava", dict(r=2, lora_alpha=3, target_modules=["patch_embedding"], use_dora=True)),
    "experts": ("gpt-oss", dict(
        r=2, lora_alpha=3, target_modules=["q_proj"],
        target_parameters=["mlp.experts.gate_up_proj", "mlp.experts.down_proj"],
    )),
    "experts-down": ("gpt-oss", dict(
        r=2, lora_alpha=3, target_modules=[], target_parameters=["mlp.experts.down_proj"],
    )),
    "experts-apart": ("qwen3-moe", dict(
        r=2, lora_alpha=3, target_modules=["v_proj"],
        target_parameters=["mlp.experts.gate_up_proj", "mlp.experts.down_proj"],
        rank_pattern={"experts.down_proj": 3}, alpha_pattern={"experts.down_proj": 7},
    )),
    "experts-mixtral": ("mixtral", dict(
        r=2, lora_alpha=3, target_modules=[],
        target_parameters=["mlp.experts.gate_up_proj", "mlp.experts.down_proj"],
    )),
}

# Saved by hand, as a state dict that keeps the adapter's name and the whole base.
BY_HAND = {"by-hand": "plain", "by-hand-saved-modules": "saved-modules"}


def randomize(model, seed):
    generator = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.copy_(torch.randn(parameter.shape, generator=generator) * 0.2)


def make(family):
    model_class, config = FAMILIES[family]
    model = model_class(config())
    randomize(model, 1)
    return model.eval()


def saved(model, folder):
    """The tensors that a model is on disk, by their names there."""
    model.save_pretrained(folder)
    return load_file(folder / "model.safetensors")


def randomize_trainable(model):
    generator = torch.Generator().manual_seed(2)
    with torch.no_grad():
        for name, parameter in sorted(model.named_parameters()):
            if parameter.requires_grad:
                noise = torch.randn(parameter.shape, generator=generator)
                parameter.copy_(noise.abs() + 0.5 if "magnitude" in name else noise * 0.3)


def tuned(family, options):
    config = LoraConfig(task_type="CAUSAL_LM", base_model_name_or_path=f"base-{family}", **options)
    model = get_peft_model(make(family), config)
    randomize_trainable(model)
    return model


def settle(path, family):
    """Names the base, and brings into order what peft takes from sets."""
    config = json.loads(path.read_text()) | {"base_model_name_or_path": f"base-{family}"}
    for key in ["target_modules", "exclude_modules", "modules_to_save", "target_parameters"]:
        if isinstance(config.get(key), list):
            config[key].sort()
    path.write_text(json.dumps(config, indent=2, sort_keys=True) + "\n")


def expect(folder, family, base, scratch):
    """Has peft load what it saved, and merge."""
    merged = PeftModel.from_pretrained(make(family), folder / "adapter").merge_and_unload()
    after = saved(merged, scratch / folder.name)
    changed = {name: numbers for name, numbers in after.items() if not torch.equal(numbers, base[name])}
    assert changed and after.keys() == base.keys(), folder.name
    save_file(changed, folder / "expected.safetensors", metadata={"format": "pt"})
    print(folder.name, len(changed), "changed tensors")


def main():
    shutil.rmtree(ROOT, ignore_errors=True)
    with tempfile.TemporaryDirectory() as scratch:
        scratch = pathlib.Path(scratch)
        bases = {}
        for family in FAMILIES:
            folder = ROOT / f"base-{family}"
            bases[family] = saved(make(family), folder)
            (folder / "generation_config.json").unlink(missing_ok=True)
        for name, (family, options) in CASES.items():
            folder = ROOT / name
            tuned(family, options).save_pretrained(folder / "adapter", save_embedding_layers="auto")
            (folder / "adapter" / "README.md").unlink(missing_ok=True)
            settle(folder / "adapter" / "adapter_config.json", family)
            expect(folder, family, bases[family], scratch)
        for name, origin in BY_HAND.items():
            family, options = CASES[origin]
            folder = ROOT / name
            (folder / "adapter").mkdir(parents=True)
            shutil.copy(ROOT / origin / "adapter" / "adapter_config.json", folder / "adapter")
            shutil.copy(ROOT / origin / "expected.safetensors", folder)
            torch.save(tuned(family, options).state_dict(), folder / "adapter" / "adapter_model.bin")
    versions = {"peft": peft.__version__, "torch": torch.__version__, "transformers": hf.__version__}
    (ROOT / "made-with.json").write_text(json.dumps(versions) + "\n")


if __name__ == "__main__":
    sys.exit(main())

#!/usr/bin/env python3
"""Makes Tests/Fixtures/lora with PyPI's peft: tiny models, adapters of every layout, and what the trained models are.

    python make-lora-fixtures.py [NAME …]

With names it makes those cases only. What is expected is what peft merges, but for embedding and head: those are as
the adapter in use has them, since merging writes both into the one tensor of a tied model. Each expectation is held
against the trained model's logits before it is written.

Opt-in: needs `pip install torch peft transformers safetensors`. The tests read only what it wrote.
"""
import copy
import json
import pathlib
import shutil
import sys
import tempfile

import peft
import torch
import transformers as hf
from peft import LoraConfig, PeftModel, get_peft_model
from peft.utils.other import ModulesToSaveWrapper, TrainableTokensWrapper
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
    "bert": (hf.BertForMaskedLM, lambda: hf.BertConfig(
        hidden_size=16, num_hidden_layers=1, num_attention_heads=2, intermediate_size=24, vocab_size=20,
        max_position_embeddings=32, dtype="float32")),
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
    # What is done to a tied embedding and its head, apart and together; with tokens added, `resize` rows.
    "tied-saved-embedding": ("tied", dict(r=2, target_modules=["q_proj"], modules_to_save=["embed_tokens"])),
    "tied-saved-head": ("tied", dict(r=2, target_modules=["q_proj"], modules_to_save=["lm_head"])),
    "tied-saved-both": ("tied", dict(r=2, target_modules=["q_proj"], modules_to_save=["embed_tokens", "lm_head"])),
    "tied-saved-ensured": ("tied", dict(
        r=2, target_modules=["q_proj"], modules_to_save=["embed_tokens"], ensure_weight_tying=True)),
    "tied-head": ("tied", dict(r=2, lora_alpha=3, target_modules=["lm_head", "q_proj"])),
    "tied-both": ("tied", dict(r=2, lora_alpha=3, target_modules=["lm_head", "embed_tokens"])),
    "tied-ensured": ("tied", dict(r=2, lora_alpha=3, target_modules=["embed_tokens"], ensure_weight_tying=True)),
    "tied-mixed": ("tied", dict(r=2, lora_alpha=3, target_modules=["embed_tokens"], modules_to_save=["lm_head"])),
    "tied-tokens": ("tied", dict(r=2, target_modules=["q_proj"], trainable_token_indices=[3, 17])),
    "tied-tokens-of-head": ("tied", dict(r=2, target_modules=["q_proj"], trainable_token_indices={"lm_head": [3, 17]})),
    "tied-tokens-apart": ("tied", dict(
        r=2, target_modules=["q_proj"], trainable_token_indices={"embed_tokens": [3], "lm_head": [3, 17]})),
    "tied-resized": ("tied", dict(r=2, target_modules=["q_proj"], resize=2)),
    "tied-resized-saved": ("tied", dict(
        r=2, target_modules=["q_proj"], modules_to_save=["embed_tokens"], resize=2)),
    "tied-resized-ensured": ("tied", dict(
        r=2, target_modules=["q_proj"], modules_to_save=["embed_tokens"], ensure_weight_tying=True, resize=2)),
    "tied-resized-embedding": ("tied", dict(r=2, target_modules=["embed_tokens"], resize=2)),
    "tied-resized-tokens": ("tied", dict(r=2, target_modules=["q_proj"], trainable_token_indices=[20, 21], resize=2)),
    "resized-saved": ("llama", dict(
        r=2, target_modules=["q_proj"], modules_to_save=["embed_tokens", "lm_head"], resize=2)),
    "tied-bert": ("bert", dict(r=2, target_modules=["query"], modules_to_save=["word_embeddings"])),
    "tied-conv1d": ("gpt2", dict(r=2, target_modules=["c_attn", "wte"])),
    # Layers stacked before training, of which peft's own merge adds all changes to one.
    "replicated": ("llama", dict(
        r=2, lora_alpha=3, target_modules=["q_proj", "down_proj"], layer_replication=[[0, 2], [0, 1], [1, 2]])),
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


def resized(model, rows):
    """The model with rows for new tokens, which are not drawn at random."""
    if rows:
        model.resize_token_embeddings(model.config.vocab_size + rows, mean_resizing=False)
        with torch.no_grad():
            for embedding in [model.get_input_embeddings(), model.get_output_embeddings()]:
                embedding.weight[-rows:] = torch.arange(rows)[:, None] * 0.1 + 0.05
    return model


def tuned(family, options):
    options = dict(options)
    model = resized(make(family), options.pop("resize", 0))
    task = None if family == "bert" else "CAUSAL_LM"
    config = LoraConfig(task_type=task, base_model_name_or_path=f"base-{family}", **options)
    model = get_peft_model(model, config)
    randomize_trainable(model)
    return model


def settle(path, family, options):
    """Names the base, and brings into order what peft takes from sets."""
    config = json.loads(path.read_text()) | {"base_model_name_or_path": f"base-{family}"}
    for key in ["target_modules", "exclude_modules", "modules_to_save", "target_parameters"]:
        if isinstance(config.get(key), list):
            # Of `ensure_weight_tying` peft writes what it made of the list.
            config[key] = sorted(set(options.get(key) or config[key]))
    path.write_text(json.dumps(config, indent=2, sort_keys=True) + "\n")


def weight_in_use(module):
    """What an embedding or a head computes with."""
    if isinstance(module, ModulesToSaveWrapper):
        return module.modules_to_save[module.active_adapters[0]].weight
    if isinstance(module, TrainableTokensWrapper):
        return module.token_adapter.get_merged_weights(module.token_adapter.active_adapters)
    if hasattr(module, "get_delta_weight"):
        if module.lora_magnitude_vector:
            return None
        return module.base_layer.weight + module.get_delta_weight("default")
    return module.weight


def ends_in_use(model):
    """Embedding and head of a model with its adapter in use; `None` for what only merging tells (DoRA)."""
    base = model.get_base_model()
    ends = [weight_in_use(base.get_input_embeddings()), weight_in_use(base.get_output_embeddings())]
    return [None if weight is None else weight.detach().clone() for weight in ends]


def logits(model):
    with torch.no_grad():
        return model(input_ids=torch.arange(12)[None]).logits.float()


def merged(folder, family, options):
    """The trained model, as a model of its own."""
    trained = PeftModel.from_pretrained(resized(make(family), options.get("resize", 0)), folder / "adapter").eval()
    ends, wanted = ends_in_use(trained), logits(trained) if family not in ["llava"] else None
    if "layer_replication" in options:
        # The copies share their weights: each must have its own before anything is added to them.
        base = trained.get_base_model().model
        base.layers = torch.nn.ModuleList([copy.deepcopy(layer) for layer in base.layers])
    model = trained.merge_and_unload()
    if None not in ends and model.get_output_embeddings() is not None:
        embedding, head = model.get_input_embeddings(), model.get_output_embeddings()
        embedding.weight = torch.nn.Parameter(ends[0])
        isTied = model.config.tie_word_embeddings and torch.equal(*ends)
        head.weight = embedding.weight if isTied else torch.nn.Parameter(ends[1])
        model.config.tie_word_embeddings = bool(isTied)
    if wanted is not None:
        error = (logits(model) - wanted).abs().max().item()
        assert error < 1e-5, (folder.name, error)
    return model


def expect(folder, family, options, base, scratch):
    """Has peft load what it saved, and writes what changed and what the config says of it."""
    model = merged(folder, family, options)
    after = saved(model, scratch / folder.name)
    changed = {
        name: numbers for name, numbers in after.items() if name not in base or not torch.equal(numbers, base[name])
    }
    assert changed, folder.name
    save_file(changed, folder / "expected.safetensors", metadata={"format": "pt"})
    config = model.config.to_dict()
    keys = ["tie_word_embeddings", "vocab_size", "num_hidden_layers"]
    facts = {key: config[key] for key in keys if key in config}
    (folder / "expected.json").write_text(json.dumps(facts) + "\n")
    print(folder.name, len(changed), "changed tensors", facts)


def main():
    only = sys.argv[1:]
    if not only:
        shutil.rmtree(ROOT, ignore_errors=True)
    wanted = {name: case for name, case in CASES.items() if not only or name in only}
    with tempfile.TemporaryDirectory() as scratch:
        scratch = pathlib.Path(scratch)
        bases = {}
        for family in {case[0] for case in wanted.values()}:
            folder = ROOT / f"base-{family}"
            bases[family] = saved(make(family), folder if not folder.exists() else scratch / family)
            (folder / "generation_config.json").unlink(missing_ok=True)
        for name, (family, options) in wanted.items():
            folder = ROOT / name
            shutil.rmtree(folder, ignore_errors=True)
            # Whether tokens were added peft sees by the base's own folder.
            model = tuned(family, options)
            model.peft_config["default"].base_model_name_or_path = str(ROOT / f"base-{family}")
            model.save_pretrained(folder / "adapter", save_embedding_layers="auto")
            (folder / "adapter" / "README.md").unlink(missing_ok=True)
            settle(folder / "adapter" / "adapter_config.json", family, options)
            expect(folder, family, options, bases[family], scratch)
        for name, origin in BY_HAND.items():
            if only and name not in only:
                continue
            family, options = CASES[origin]
            folder = ROOT / name
            (folder / "adapter").mkdir(parents=True)
            shutil.copy(ROOT / origin / "adapter" / "adapter_config.json", folder / "adapter")
            for file in ["expected.safetensors", "expected.json"]:
                shutil.copy(ROOT / origin / file, folder)
            torch.save(tuned(family, options).state_dict(), folder / "adapter" / "adapter_model.bin")
    versions = {"peft": peft.__version__, "torch": torch.__version__, "transformers": hf.__version__}
    record = ROOT / "made-with.json"
    made = json.loads(record.read_text()) if record.exists() else {}
    made |= {name: versions for name in [*wanted, *BY_HAND] if not only or name in only}
    record.write_text(json.dumps(made, indent=1, sort_keys=True) + "\n")


if __name__ == "__main__":
    sys.exit(main())

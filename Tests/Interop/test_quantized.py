"""Quantized checkpoints that Suture restacked, loaded by programs that unpack them."""

import json
from pathlib import Path

import mlx.core as mx
import numpy as np
import pytest
from mlx_lm.utils import load_model

import checkpoints
import suture

LLAMA = {
    "architectures": ["LlamaForCausalLM"], "model_type": "llama", "hidden_size": 64, "intermediate_size": 128,
    "num_hidden_layers": 3, "num_attention_heads": 2, "num_key_value_heads": 2, "vocab_size": 96,
    "rms_norm_eps": 1e-5, "tie_word_embeddings": False, "max_position_embeddings": 64, "torch_dtype": "float16",
}
GPT_OSS = {
    "architectures": ["GptOssForCausalLM"], "model_type": "gpt_oss", "hidden_size": 64, "intermediate_size": 64,
    "num_hidden_layers": 3, "num_attention_heads": 2, "num_key_value_heads": 1, "head_dim": 32, "vocab_size": 96,
    "num_local_experts": 3, "num_experts_per_tok": 2, "sliding_window": 16, "tie_word_embeddings": False,
    "layer_types": ["sliding_attention", "full_attention", "sliding_attention"], "rms_norm_eps": 1e-5,
    "max_position_embeddings": 128, "torch_dtype": "bfloat16", "rope_theta": 10000.0,
    "rope_parameters": {"rope_theta": 10000.0, "rope_type": "default"},
    "quantization_config": {
        "quant_method": "mxfp4", "modules_to_not_convert": ["model.layers.1.self_attn", "model.embed_tokens", "lm_head"],
    },
}
TURNS = [0, 1, 1, 2]
SPLICE = "slicegraph: 1\ninputs: {x: {}, y: {}}\ngraph: {out: {splice: {onto: x, take: [{where: attn.*, from: y}]}}}\n"
RECIPE = "slicegraph: 1\ninputs: {x: {}}\ngraph: {out: {stack: ['x[0:2]', 'x[1:3]']}}\noutput: {shard_size: 30KB}\n"


def rng(seed):
    return np.random.default_rng(seed)


def linears(config):
    """The linear layers of a llama, with rows and columns."""
    hidden, mlp = config["hidden_size"], config["intermediate_size"]
    for layer in range(config["num_hidden_layers"]):
        start = f"model.layers.{layer}."
        for name in ["q", "k", "v", "o"]:
            yield f"{start}self_attn.{name}_proj", hidden, hidden
        yield f"{start}mlp.gate_proj", mlp, hidden
        yield f"{start}mlp.up_proj", mlp, hidden
        yield f"{start}mlp.down_proj", hidden, mlp


def plain(config, dtype, seed):
    """What is left as it is: embedding, norms, head."""
    random = rng(seed)
    hidden, rows = config["hidden_size"], config["vocab_size"]
    names = {"model.embed_tokens.weight": (rows, hidden), "lm_head.weight": (rows, hidden), "model.norm.weight": (hidden,)}
    for layer in range(config["num_hidden_layers"]):
        for norm in ["input_layernorm", "post_attention_layernorm"]:
            names[f"model.layers.{layer}.{norm}.weight"] = (hidden,)
    return {name: (random.normal(size=shape) * 0.2).astype(dtype) for name, shape in names.items()}


def awq(folder: Path, seed=3) -> Path:
    random = rng(seed)
    tensors = plain(LLAMA, np.float16, seed)
    for module, rows, columns in linears(LLAMA):
        tensors[f"{module}.qweight"] = random.integers(-(2**31), 2**31, (columns, rows // 8)).astype(np.int32)
        tensors[f"{module}.qzeros"] = random.integers(-(2**31), 2**31, (columns // 32, rows // 8)).astype(np.int32)
        tensors[f"{module}.scales"] = (random.random((columns // 32, rows)) * 0.02).astype(np.float16)
    settings = {"quant_method": "awq", "bits": 4, "group_size": 32, "version": "gemm", "zero_point": True}
    return checkpoints.write(folder, tensors, LLAMA | {"quantization_config": settings})


def mlx_own(folder: Path, seed=3) -> Path:
    """As mlx_lm.convert writes it: one module of one layer has a width of its own."""
    random = rng(seed)
    tensors = plain(LLAMA, np.float16, seed)
    own = {"model.layers.1.mlp.down_proj": {"group_size": 64, "bits": 8}}
    for module, rows, columns in linears(LLAMA):
        width = own.get(module, {"group_size": 32, "bits": 4})
        numbers = mx.array((random.normal(size=(rows, columns)) * 0.1).astype(np.float16))
        weight, scales, biases = mx.quantize(numbers, **width)
        for leaf, array in [("weight", weight), ("scales", scales), ("biases", biases)]:
            tensors[f"{module}.{leaf}"] = np.array(array)
    for module in ["model.embed_tokens", "lm_head"]:
        weight, scales, biases = mx.quantize(mx.array(tensors.pop(f"{module}.weight")), 32, 4)
        for leaf, array in [("weight", weight), ("scales", scales), ("biases", biases)]:
            tensors[f"{module}.{leaf}"] = np.array(array)
    settings = {"group_size": 32, "bits": 4, **own}
    return checkpoints.write(folder, tensors, LLAMA | {"quantization": settings, "quantization_config": settings})


def mxfp4(folder: Path, seed=3) -> Path:
    random = rng(seed)
    bf16 = checkpoints.NUMPY["BF16"]
    tensors = plain(GPT_OSS, bf16, seed)
    heads = {"q": 64, "k": 32, "v": 32}
    for layer in range(3):
        start = f"model.layers.{layer}."

        def numbers(name, *shape):
            tensors[start + name] = (random.normal(size=shape) * 0.1).astype(bf16)

        for name, rows in heads.items():
            numbers(f"self_attn.{name}_proj.weight", rows, 64)
            numbers(f"self_attn.{name}_proj.bias", rows)
        numbers("self_attn.o_proj.weight", 64, 64)
        numbers("self_attn.o_proj.bias", 64)
        numbers("self_attn.sinks", 2)
        numbers("mlp.router.weight", 3, 64)
        numbers("mlp.router.bias", 3)
        for name, rows in [("gate_up_proj", 128), ("down_proj", 64)]:
            numbers(f"mlp.experts.{name}_bias", 3, rows)
            tensors[f"{start}mlp.experts.{name}_blocks"] = random.integers(0, 256, (3, rows, 2, 16)).astype(np.uint8)
            tensors[f"{start}mlp.experts.{name}_scales"] = random.integers(118, 124, (3, rows, 2)).astype(np.uint8)
    return checkpoints.write(folder, tensors, GPT_OSS)


SCHEMES = {"AWQ": awq, "MLX": mlx_own, "MXFP4": mxfp4}


@pytest.fixture(params=SCHEMES)
def built(request, tmp_path):
    source = SCHEMES[request.param](tmp_path / "x")
    return source, suture.build(RECIPE, tmp_path / "out", "--input", f"x={source}")


def test_every_byte_is_the_sources(built):
    source, folder = built
    assert len(list(folder.glob("*.safetensors"))) > 2
    checkpoints.assert_same_tensors(checkpoints.read(folder), checkpoints.restacked(checkpoints.read(source), TURNS))


def test_mlx_lm_unpacks_it_to_the_layers_numbers(built):
    source, folder = built
    before, _ = load_model(source)
    after, _ = load_model(folder)
    old, new = unpacked(before), unpacked(after)
    assert any(checkpoints.split(name)[1] == 3 for name in new)
    for name, numbers in new.items():
        prefix, layer, suffix = checkpoints.split(name)
        origin = name if layer is None else f"{prefix}.{TURNS[layer]}.{suffix}"
        assert mx.array_equal(numbers, old[origin]), name
    assert mx.all(mx.isfinite(after(mx.array([[1, 2, 3]])))).item()


@pytest.mark.parametrize("scheme", SCHEMES)
def test_mlx_lm_unpacks_a_splice_to_the_numbers_of_both(scheme, tmp_path):
    sources = [SCHEMES[scheme](tmp_path / name, seed) for name, seed in [("x", 3), ("y", 4)]]
    folder = suture.build(SPLICE, tmp_path / "out", "--input", f"x={sources[0]}", "--input", f"y={sources[1]}")
    x, y, new = (unpacked(load_model(model)[0]) for model in [*sources, folder])
    assert new.keys() == x.keys()
    taken = [name for name in new if ".self_attn." in name]
    assert len(taken) >= 12 and any(not mx.array_equal(x[name], y[name]) for name in taken)
    for name, numbers in new.items():
        assert mx.array_equal(numbers, (y if name in taken else x)[name]), name


def unpacked(model) -> dict:
    """The numbers of each module, those of packed ones by mlx's own arithmetic."""
    found = {}
    for name, module in model.named_modules():
        if not hasattr(module, "bits"):
            for leaf, array in module.parameters().items():
                if isinstance(array, mx.array):
                    found[f"{name}.{leaf}"] = array
            continue
        biases = module.get("biases")
        settings = dict(group_size=module.group_size, bits=module.bits, mode=getattr(module, "mode", "affine"))
        found[f"{name}.weight"] = mx.dequantize(module.weight, module.scales, biases, **settings)
    return found


def test_names_of_modules_follow_their_layers(tmp_path):
    folder = suture.build(RECIPE, tmp_path / "out", "--input", f"x={mlx_own(tmp_path / 'x')}")
    config = checkpoints.config(folder)
    for key in ["quantization", "quantization_config"]:
        named = {name for name in config[key] if name.startswith("model.layers")}
        assert named == {"model.layers.1.mlp.down_proj", "model.layers.2.mlp.down_proj"}, key


def test_a_blend_is_refused_by_the_schemes_name(built, tmp_path):
    source, _ = built
    recipe = "slicegraph: 1\ninputs: {x: {}}\ngraph: {out: {edit: {from: x, scale: {attn.o: 0.5, 'expert[*].down': 0.5}}}}\n"
    if "expert" not in json.dumps(list(checkpoints.read(source))):
        recipe = recipe.replace(", 'expert[*].down': 0.5", "")
    outcome = suture.run("check", suture.written(recipe, tmp_path / "blend"), "--input", f"x={source}")
    assert outcome.code == 1
    assert any(name in outcome.words for name in SCHEMES), outcome.words

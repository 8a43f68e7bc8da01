#!/usr/bin/env python3
"""Quantized checkpoints that transformers and its quantizers write, restacked by Suture and loaded again by them.

Opt-in: needs `pip install torch transformers accelerate bitsandbytes compressed-tensors`. For each scheme a tiny llama
is packed, its layers are stacked 0, 1, 1, 2, and the loaded result is compared with the same layers of the loaded
source: every number of every layer, and the logits of the model that torch makes of them. Prints a row a scheme.
"""
import copy
import json
import sys
import tempfile
import warnings
from pathlib import Path

warnings.filterwarnings("ignore")
sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import torch  # noqa: E402
import transformers as hf  # noqa: E402
from safetensors.torch import load_file, save_file  # noqa: E402

import suture  # noqa: E402

TURNS = [0, 1, 1, 2]
RECIPE = "slicegraph: 1\ninputs: {x: {}}\ngraph: {out: {stack: ['x[0:2]', 'x[1:3]']}}\noutput: {shard_size: 200KB}\n"
DEQUANTIZE = "slicegraph: 1\ninputs: {x: {}}\ngraph: {out: {slice: x}}\noutput: {dtype: float32}\n"


def model(dtype=torch.bfloat16):
    torch.manual_seed(1)
    config = hf.LlamaConfig(
        hidden_size=128, intermediate_size=256, num_hidden_layers=3, num_attention_heads=4, num_key_value_heads=2,
        vocab_size=64, max_position_embeddings=64, tie_word_embeddings=False,
    )
    return hf.LlamaForCausalLM(config).to(dtype).eval()


def plain(folder):
    model().save_pretrained(folder)
    return folder


def bitsandbytes(folder, **settings):
    config = hf.BitsAndBytesConfig(llm_int8_skip_modules=["lm_head", "model.layers.1.mlp"], **settings)
    loaded = hf.AutoModelForCausalLM.from_pretrained(plain(folder.parent / "plain"), quantization_config=config)
    loaded.save_pretrained(folder)
    return folder


def packed_by_hand(folder, pack, settings):
    """Replaces the linear layers' weights by what `pack` makes of them."""
    plain(folder)
    tensors, result = load_file(folder / "model.safetensors"), {}
    for name, weight in tensors.items():
        module = name.removesuffix(".weight")
        if name.endswith("_proj.weight"):
            result |= {f"{module}.{leaf}": value.contiguous() for leaf, value in pack(weight.float()).items()}
        else:
            result[name] = weight
    save_file(result, folder / "model.safetensors", metadata={"format": "pt"})
    path = folder / "config.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | {"quantization_config": settings}))
    return folder


def float8_blocks(weight):
    blocks = weight.reshape(weight.shape[0] // 64, 64, weight.shape[1] // 64, 64)
    scales = blocks.abs().amax((1, 3)) / 448
    stored = (blocks / scales[:, None, :, None]).reshape(weight.shape).to(torch.float8_e4m3fn)
    return {"weight": stored, "weight_scale_inv": scales}


def float8_channels(weight):
    scales = weight.abs().amax(1, keepdim=True) / 448
    return {"weight": (weight / scales).to(torch.float8_e4m3fn), "weight_scale": scales.to(torch.bfloat16)}


def packed_int4(weight):
    from compressed_tensors.compressors import pack_to_int32

    groups = weight.reshape(weight.shape[0], -1, 32)
    scales = groups.abs().amax(2) / 7
    stored = (groups / scales[..., None]).round().clamp(-8, 7).reshape(weight.shape).to(torch.int8)
    return {
        "weight_packed": pack_to_int32(stored, 4), "weight_scale": scales.to(torch.bfloat16),
        "weight_shape": torch.tensor(weight.shape),
    }


def compressed(format, weights):
    return {
        "quant_method": "compressed-tensors", "format": format, "ignore": ["lm_head"],
        "quantization_status": "compressed",
        "config_groups": {"group_0": {"targets": ["Linear"], "weights": weights, "format": format}},
    }


FLOAT8 = {"num_bits": 8, "type": "float", "strategy": "channel", "symmetric": True, "dynamic": False}
INT4 = {"num_bits": 4, "type": "int", "strategy": "group", "group_size": 32, "symmetric": True, "dynamic": False}
BLOCKS = {"quant_method": "fp8", "weight_block_size": [64, 64], "activation_scheme": "dynamic", "fmt": "e4m3"}

SCHEMES = {
    "bitsandbytes nf4": lambda f: bitsandbytes(f, load_in_4bit=True, bnb_4bit_quant_type="nf4"),
    "bitsandbytes nf4, scales packed too": lambda f: bitsandbytes(
        f, load_in_4bit=True, bnb_4bit_quant_type="nf4", bnb_4bit_use_double_quant=True),
    "bitsandbytes 8-bit": lambda f: bitsandbytes(f, load_in_8bit=True),
    "FP8 by blocks": lambda f: packed_by_hand(f, float8_blocks, BLOCKS),
    "FP8 by channels": lambda f: packed_by_hand(f, float8_channels, compressed("float-quantized", FLOAT8)),
    "compressed-tensors int4": lambda f: packed_by_hand(f, packed_int4, compressed("pack-quantized", INT4)),
}


def load(folder, scheme):
    options = {}
    if scheme == "FP8 by blocks":
        options["quantization_config"] = hf.FineGrainedFP8Config(dequantize=True, weight_block_size=(64, 64))
    if "compressed" in scheme or "channels" in scheme:
        options["quantization_config"] = hf.CompressedTensorsConfig(run_compressed=False)
    return hf.AutoModelForCausalLM.from_pretrained(folder, dtype=torch.bfloat16, **options).eval()


def check(scheme, make, folder):
    source = make(folder / "x")
    built = suture.build(RECIPE, folder / "out", "--input", f"x={source}")
    before, after = load(source, scheme), load(built, scheme)
    assert len(after.model.layers) == 4
    numbers = 0
    for layer, origin in zip(after.model.layers, TURNS):
        old = before.model.layers[origin].state_dict()
        new = layer.state_dict()
        assert old.keys() == new.keys()
        for name, value in new.items():
            if isinstance(value, torch.Tensor):
                assert torch.equal(value, old[name]), name
                numbers += value.numel()
    stacked = copy.deepcopy(before)
    stacked.model.layers = torch.nn.ModuleList(copy.deepcopy(before.model.layers[i]) for i in TURNS)
    for number, layer in enumerate(stacked.model.layers):
        layer.self_attn.layer_idx = number
    stacked.config.num_hidden_layers = 4
    tokens = torch.arange(8)[None]
    with torch.no_grad():
        error = (stacked(tokens, use_cache=False).logits - after(tokens, use_cache=False).logits).abs().max().item()
    row = f"{scheme:38s} {numbers:8d} numbers alike, logits differ by {error:g}"
    if scheme.startswith("FP8"):
        plain_ = suture.build(DEQUANTIZE, folder / "plain-f32", "--input", f"x={source}")
        own = load_file(plain_ / "model.safetensors")
        theirs = before.state_dict()
        worst = max((own[n] - theirs[n].float()).abs().max().item() / own[n].abs().max().item() for n in own)
        row += f"; made numbers: {worst:.2g} of the largest beside transformers' bfloat16"
    print(row, flush=True)


def main():
    failed = 0
    for scheme, make in SCHEMES.items():
        with tempfile.TemporaryDirectory() as folder:
            try:
                check(scheme, make, Path(folder))
            except Exception as error:  # noqa: BLE001
                failed += 1
                print(f"{scheme:38s} {type(error).__name__}: {str(error)[:1500]}", flush=True)
    return failed > 0


if __name__ == "__main__":
    sys.exit(main())

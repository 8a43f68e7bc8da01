#!/usr/bin/env python3
"""Quantized checkpoints that transformers and its quantizers write, restacked by Suture and loaded again by them.

Opt-in: needs `pip install torch transformers accelerate bitsandbytes compressed-tensors`, and for GPTQ and AWQ
`optimum gptqmodel` too. For each scheme a tiny model is packed, its layers are stacked 0, 1, 1, 2, and the attention of
another takes the place of its own; what is loaded is compared with the same layers of the loaded sources: every number
of every layer, and the logits of the model that torch makes of them. Prints two rows a scheme; words after the
program's name choose the schemes that begin with them.
"""
import copy
import json
import os
import sys
import tempfile
import warnings
from pathlib import Path

warnings.filterwarnings("ignore")
sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
# gptqmodel wants two threads of its own and takes half of what there is.
os.environ.setdefault("GPTQMODEL_CPU_WORKERS", "2")

import torch  # noqa: E402
import transformers as hf  # noqa: E402
from safetensors.torch import load_file, save_file  # noqa: E402

import suture  # noqa: E402

TURNS = [0, 1, 1, 2]
STACK = "slicegraph: 1\ninputs: {x: {}}\ngraph: {out: {stack: ['x[0:2]', 'x[1:3]']}}\noutput: {shard_size: 200KB}\n"
SPLICE = """
slicegraph: 1
inputs: {x: {}, y: {}}
graph: {out: {splice: {onto: x, take: [{where: attn.*, from: y}]}}}
output: {shard_size: 200KB}
"""
DEQUANTIZE = "slicegraph: 1\ninputs: {x: {}}\ngraph: {out: {slice: x}}\noutput: {dtype: float32}\n"


def llama(folder, seed, dtype=torch.bfloat16):
    torch.manual_seed(seed)
    config = hf.LlamaConfig(
        hidden_size=128, intermediate_size=256, num_hidden_layers=3, num_attention_heads=4, num_key_value_heads=2,
        vocab_size=64, max_position_embeddings=64, tie_word_embeddings=False,
    )
    hf.LlamaForCausalLM(config).to(dtype).save_pretrained(folder)
    return folder


def bitsandbytes(folder, seed, **settings):
    config = hf.BitsAndBytesConfig(llm_int8_skip_modules=["lm_head", "model.layers.1.mlp"], **settings)
    plain = llama(folder.with_name(f"plain-{seed}"), seed)
    hf.AutoModelForCausalLM.from_pretrained(plain, quantization_config=config).save_pretrained(folder)
    return folder


def gptq(folder, seed, **settings):
    """Quantized by gptqmodel itself, on sentences of random tokens."""
    from gptqmodel import GPTQModel, QuantizeConfig
    from tokenizers import Tokenizer, models

    plain = llama(folder.with_name(f"plain-{seed}"), seed, torch.float16)
    words = Tokenizer(models.WordLevel({f"t{i}": i for i in range(64)}, unk_token="t0"))
    hf.PreTrainedTokenizerFast(tokenizer_object=words, unk_token="t0", pad_token="t1").save_pretrained(plain)
    loaded = GPTQModel.load(str(plain), QuantizeConfig(bits=4, group_size=32, **settings))
    tokens = [torch.randint(2, 64, (1, 48)) for _ in range(8)]
    loaded.quantize([{"input_ids": row, "attention_mask": torch.ones_like(row)} for row in tokens], batch_size=1)
    loaded.save(str(folder))
    return folder


def packed_by_hand(folder, seed, pack, settings, dtype=torch.bfloat16):
    """Replaces the linear layers' weights by what `pack` makes of them."""
    llama(folder, seed, dtype)
    tensors, result = load_file(folder / "model.safetensors"), {}
    for name, weight in tensors.items():
        module = name.removesuffix(".weight")
        if name.endswith("_proj.weight"):
            result |= {f"{module}.{leaf}": value.contiguous() for leaf, value in pack(weight.float()).items()}
        else:
            result[name] = weight
    save_file(result, folder / "model.safetensors", metadata={"format": "pt"})
    configure(folder, settings)
    return folder


def configure(folder, settings):
    path = folder / "config.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | {"quantization_config": settings}))


def float8_blocks(weight):
    blocks = weight.reshape(weight.shape[0] // 64, 64, weight.shape[1] // 64, 64)
    scales = blocks.abs().amax((1, 3)) / 448
    stored = (blocks / scales[:, None, :, None]).reshape(weight.shape).to(torch.float8_e4m3fn)
    return {"weight": stored, "weight_scale_inv": scales}


def float8_channels(weight):
    scales = weight.abs().amax(1, keepdim=True) / 448
    return {"weight": (weight / scales).to(torch.float8_e4m3fn), "weight_scale": scales.to(torch.bfloat16)}


def float8_tensor(weight):
    scale = weight.abs().max() / 448
    return {"weight": (weight / scale).to(torch.float8_e4m3fn), "weight_scale": scale[None].to(torch.bfloat16)}


def packed_int4(weight):
    from compressed_tensors.compressors import pack_to_int32

    groups = weight.reshape(weight.shape[0], -1, 32)
    scales = groups.abs().amax(2) / 7
    stored = (groups / scales[..., None]).round().clamp(-8, 7).reshape(weight.shape).to(torch.int8)
    return {
        "weight_packed": pack_to_int32(stored, 4), "weight_scale": scales.to(torch.bfloat16),
        "weight_shape": torch.tensor(weight.shape),
    }


def awq(weight):
    """AWQ's layout for matrices of vectors (`gemm`): columns by rows, eight numbers in a word."""
    rows, columns = weight.shape
    words = lambda *shape: torch.randint(-(2**31), 2**31, shape, dtype=torch.int64).to(torch.int32)  # noqa: E731
    scales = torch.rand(columns // 32, rows) * 0.02
    return {
        "qweight": words(columns, rows // 8), "qzeros": words(columns // 32, rows // 8),
        "scales": scales.to(torch.float16),
    }


def mxfp4(folder, seed):
    """gpt-oss: the experts of a layer in one tensor of blocks and one of their exponents."""
    torch.manual_seed(seed)
    config = hf.GptOssConfig(
        hidden_size=64, intermediate_size=64, num_hidden_layers=3, num_attention_heads=2, num_key_value_heads=1,
        head_dim=32, vocab_size=64, num_local_experts=4, num_experts_per_tok=2, sliding_window=16,
        max_position_embeddings=64, tie_word_embeddings=False,
        layer_types=["sliding_attention", "full_attention", "full_attention"],
    )
    hf.GptOssForCausalLM(config).to(torch.bfloat16).save_pretrained(folder)
    tensors = load_file(folder / "model.safetensors")
    for name in [name for name in tensors if name.endswith(("experts.gate_up_proj", "experts.down_proj"))]:
        experts, columns, rows = tensors.pop(name).shape
        shape = (experts, rows, columns // 32)
        tensors[name + "_blocks"] = torch.randint(0, 256, (*shape, 16), dtype=torch.uint8)
        tensors[name + "_scales"] = torch.randint(118, 124, shape, dtype=torch.uint8)
    save_file(tensors, folder / "model.safetensors", metadata={"format": "pt"})
    configure(folder, {"quant_method": "mxfp4", "modules_to_not_convert": ["model.layers.1.self_attn", "lm_head"]})
    return folder


def compressed(format, weights):
    return {
        "quant_method": "compressed-tensors", "format": format, "ignore": ["lm_head"],
        "quantization_status": "compressed",
        "config_groups": {"group_0": {"targets": ["Linear"], "weights": weights, "format": format}},
    }


FLOAT8 = {"num_bits": 8, "type": "float", "strategy": "channel", "symmetric": True, "dynamic": False}
INT4 = {"num_bits": 4, "type": "int", "strategy": "group", "group_size": 32, "symmetric": True, "dynamic": False}
BLOCKS = {"quant_method": "fp8", "weight_block_size": [64, 64], "activation_scheme": "dynamic", "fmt": "e4m3"}
AWQ = {"quant_method": "awq", "bits": 4, "group_size": 32, "version": "gemm", "zero_point": True}
NF4 = {"load_in_4bit": True, "bnb_4bit_quant_type": "nf4"}


def by_hand(*how, **more):
    return lambda folder, seed: packed_by_hand(folder, seed, *how, **more)


SCHEMES = {
    "GPTQ": lambda f, seed: gptq(f, seed),
    "GPTQ, columns in order of weight": lambda f, seed: gptq(f, seed, desc_act=True, sym=False),
    "AWQ": by_hand(awq, AWQ, torch.float16),
    "bitsandbytes nf4": lambda f, seed: bitsandbytes(f, seed, **NF4),
    "bitsandbytes nf4, scales packed too": lambda f, seed: bitsandbytes(f, seed, bnb_4bit_use_double_quant=True, **NF4),
    "bitsandbytes 8-bit": lambda f, seed: bitsandbytes(f, seed, load_in_8bit=True),
    "FP8 by blocks": by_hand(float8_blocks, BLOCKS),
    "FP8 by channels": by_hand(float8_channels, compressed("float-quantized", FLOAT8)),
    "FP8 by tensors": by_hand(float8_tensor, compressed("float-quantized", FLOAT8 | {"strategy": "tensor"})),
    "compressed-tensors int4": by_hand(packed_int4, compressed("pack-quantized", INT4)),
    "MXFP4": mxfp4,
}


def load(folder, scheme):
    options = {"dtype": torch.bfloat16}
    if scheme.startswith(("GPTQ", "AWQ")):
        options["dtype"] = torch.float16
    elif scheme == "FP8 by blocks":
        options["quantization_config"] = hf.FineGrainedFP8Config(dequantize=True, weight_block_size=(64, 64))
    elif scheme == "MXFP4":
        options["quantization_config"] = hf.Mxfp4Config(dequantize=True)
    elif scheme.startswith(("compressed", "FP8")):
        options["quantization_config"] = hf.CompressedTensorsConfig(run_compressed=False)
    return hf.AutoModelForCausalLM.from_pretrained(folder, **options).eval()


def alike(built, wanted):
    """How many numbers two models have, which must all be alike, and how far apart their logits are."""
    numbers = 0
    assert len(built.model.layers) == len(wanted.model.layers)
    for layer, other in zip(built.model.layers, wanted.model.layers):
        old, new = other.state_dict(), layer.state_dict()
        assert old.keys() == new.keys()
        for name, value in new.items():
            if isinstance(value, torch.Tensor):
                assert torch.equal(value, old[name]), name
                numbers += value.numel()
    tokens = torch.arange(8)[None]
    with torch.no_grad():
        logits = [model(tokens, use_cache=False).logits for model in (built, wanted)]
    assert logits[0].isfinite().all() and logits[0].abs().max() > 0
    return numbers, (logits[0] - logits[1]).abs().max().item()


def restacked(model):
    stacked = copy.deepcopy(model)
    stacked.model.layers = torch.nn.ModuleList(copy.deepcopy(model.model.layers[i]) for i in TURNS)
    for number, layer in enumerate(stacked.model.layers):
        layer.self_attn.layer_idx = number
    stacked.config.num_hidden_layers = len(TURNS)
    if types := getattr(model.config, "layer_types", None):
        stacked.config.layer_types = [types[i] for i in TURNS]
    return stacked


def spliced(model, other):
    result = copy.deepcopy(model)
    for layer, donor in zip(result.model.layers, other.model.layers):
        layer.self_attn = copy.deepcopy(donor.self_attn)
    return result


def check(scheme, make, folder):
    sources = [make(folder / name, seed) for name, seed in (("x", 1), ("y", 2))]
    x, y = (load(source, scheme) for source in sources)
    inputs = [["--input", f"{name}={source}"] for name, source in zip("xy", sources)]
    for name, recipe, wanted, given in [
        ("stacked", STACK, restacked(x), inputs[0]),
        ("spliced", SPLICE, spliced(x, y), inputs[0] + inputs[1]),
    ]:
        built = load(suture.build(recipe, folder / name, *given), scheme)
        numbers, error = alike(built, wanted)
        print(f"{scheme:38s} {name}: {numbers:7d} numbers alike, logits differ by {error:g}", flush=True)
        assert error == 0
    if scheme.startswith("FP8"):
        plain = suture.build(DEQUANTIZE, folder / "plain-f32", *inputs[0])
        own, theirs = load_file(plain / "model.safetensors"), x.state_dict()
        worst = max((own[n] - theirs[n].float()).abs().max().item() / own[n].abs().max().item() for n in own)
        print(f"{scheme:38s} made numbers: {worst:.2g} of the largest beside transformers' bfloat16", flush=True)
        assert worst < 2**-8


def main():
    failed = 0
    chosen = [name for name in SCHEMES if not sys.argv[1:] or name.startswith(tuple(sys.argv[1:]))]
    # gptqmodel leaves its logs wherever it is run.
    os.environ["SUTURE"] = str(suture.program())
    for scheme in chosen:
        with tempfile.TemporaryDirectory() as folder:
            os.chdir(folder)
            try:
                check(scheme, SCHEMES[scheme], Path(folder))
            except Exception as error:  # noqa: BLE001
                failed += 1
                print(f"{scheme:38s} {type(error).__name__}: {str(error)[:1500]}", flush=True)
    return failed > 0 or not chosen


if __name__ == "__main__":
    sys.exit(main())

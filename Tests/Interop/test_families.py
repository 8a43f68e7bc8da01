"""Small random models of many families are cut and stacked; mlx-lm runs them, transformers reads their configs."""

import json
import shutil
from pathlib import Path

import mlx.core as mx
import numpy as np
import pytest
from mlx_lm.utils import load_model
from transformers import AutoConfig

import checkpoints
import suture

# Twelve layers: two periods of Gemma 3's attention pattern, six of Gemma 2's. (mlx has no bf16 experts without a GPU.)
FAMILIES = {
    "llama": "llama?layers=12&hidden=64&seed=3",
    "mistral": "mistral?layers=12&hidden=64&seed=4",
    "mixtral": "mixtral?layers=12&hidden=64&experts=4&dtype=f32&seed=5",
    "qwen2": "qwen2?layers=12&hidden=64&seed=6",
    "qwen3": "qwen3?layers=12&hidden=64&head_dim=32&seed=7",
    "gemma2": "gemma2?layers=12&hidden=64&seed=8",
    "gemma3_text": "gemma3_text?layers=12&hidden=64&seed=9",
    "phi3": "phi3?layers=12&hidden=64&seed=10",
    "olmo2": "olmo2?layers=12&hidden=64&seed=11",
    "gpt2": "gpt2?layers=12&hidden=64&seed=12",
}

# Cuts that fit no period: 7 + 8 layers, the second run beginning inside one.
UPSCALED = list(range(0, 7)) + list(range(4, 12))
TOKENS = mx.array([[1, 17, 300, 42, 5, 260, 99, 2]])

STACK = """\
slicegraph: 1
name: upscaled
inputs: {{base: "{source}"}}
graph:
  out: {{stack: ["base[0:7]", "base[4:12]"]}}
expect: {{layers: 15}}
"""

EXPAND = """\
slicegraph: 1
name: llama-pro
inputs: {{base: "{source}"}}
graph:
  out:
    expand: {{from: base, every: 4, insert: {{copy: previous, set: {zeros}}}}}
expect: {{layers: 15}}
"""


PERIOD = """\
slicegraph: 1
name: llama-pro-by-periods
inputs: {{base: "{source}"}}
graph:
  out:
    stack:
      - base[0:6]
      - {{from: "base[0:6]", set: {{attn.o: 0, mlp.down: 0}}}}
      - base[6:12]
expect: {{layers: 18}}
"""


def logits(folder: Path) -> np.ndarray:
    """What mlx-lm computes, every weight of the files accounted for (it loads strictly)."""
    model, _ = load_model(folder)
    return np.array(model(TOKENS).astype(mx.float32))


@pytest.fixture(scope="module", params=FAMILIES)
def family(request):
    return request.param, suture.synthetic(FAMILIES[request.param])


@pytest.fixture(scope="module")
def upscaled(family, tmp_path_factory):
    name, source = family
    return name, source, suture.build(STACK.format(source=source), tmp_path_factory.mktemp("up") / name)


def test_tensors_are_the_source_layers_byte_for_byte(upscaled):
    _, source, folder = upscaled
    expected = checkpoints.restacked(checkpoints.read(source), UPSCALED)
    checkpoints.assert_same_tensors(checkpoints.read(folder), expected)


def test_mlx_lm_runs_the_upscaled_model(upscaled):
    _, source, folder = upscaled
    found = logits(folder)
    assert found.shape == (1, 8, 512)
    assert np.isfinite(found).all()
    assert np.abs(found - logits(source)).max() > 1e-3, "fifteen layers do not compute what twelve did"


def test_transformers_sees_each_layer_keep_its_attention(upscaled):
    _, source, folder = upscaled
    before, after = AutoConfig.from_pretrained(source), AutoConfig.from_pretrained(folder)
    assert after.num_hidden_layers == 15
    if types := getattr(before, "layer_types", None):
        assert after.layer_types == [types[layer] for layer in UPSCALED]


# What a zeroed block writes to the residual stream is nothing, so the model computes what it did.
ZEROS = {"mixtral": "{attn.o: 0, 'expert[*].down': 0}"}


def test_a_llama_pro_expansion_computes_what_its_source_did(family, tmp_path):
    name, source = family
    zeros = ZEROS.get(name, "{attn.o: 0, mlp.down: 0}")
    # mlx-lm derives Gemma 3's attention pattern from the layer's number alone: whole periods are inserted.
    by_period = name == "gemma3_text"
    recipe = PERIOD.format(source=source) if by_period else EXPAND.format(source=source, zeros=zeros)
    found = logits(suture.build(recipe, tmp_path / "pro"))
    np.testing.assert_array_equal(found, logits(source))


def test_without_the_zeros_the_expansion_computes_something_else(family, tmp_path):
    _, source = family
    recipe = EXPAND.format(source=source, zeros="{attn.o: 0}")
    found = logits(suture.build(recipe, tmp_path / "not-pro"))
    assert np.abs(found - logits(source)).max() > 1e-3


PATTERNED = {
    # How a config says which layers slide, and what it says of twelve layers.
    "gemma2, by its class alone": ("gemma2", {"layer_types": None}),
    "gemma3_text, by a period": ("gemma3_text", {"layer_types": None, "sliding_window_pattern": 6}),
    "gemma3_text, by another period": ("gemma3_text", {"layer_types": None, "sliding_window_pattern": 5}),
    "gemma3_text, by both": ("gemma3_text", {}),
    "qwen2, from a layer on": (
        "qwen2",
        {"layer_types": None, "use_sliding_window": True, "sliding_window": 32, "max_window_layers": 5},
    ),
    "qwen3, layer by layer": (
        "qwen3",
        {
            "use_sliding_window": True,
            "sliding_window": 32,
            "layer_types": ["sliding_attention", "full_attention", "full_attention"] * 4,
        },
    ),
}


@pytest.mark.parametrize("case", PATTERNED)
def test_however_a_config_says_it_each_layer_keeps_its_attention(case, tmp_path):
    name, changes = PATTERNED[case]
    source = tmp_path / "source"
    shutil.copytree(suture.synthetic(FAMILIES[name]), source)
    settings = checkpoints.config(source) | changes
    settings = {key: value for key, value in settings.items() if key not in changes or value is not None}
    (source / "config.json").write_text(json.dumps(settings))

    folder = suture.build(STACK.format(source=source), tmp_path / "out")

    types = AutoConfig.from_pretrained(source).layer_types
    assert len(set(types)) == 2, "a pattern worth carrying"
    assert AutoConfig.from_pretrained(folder).layer_types == [types[layer] for layer in UPSCALED]
    assert np.isfinite(logits(folder)).all()


def test_mlx_lm_slides_the_layers_that_slid_in_the_source(tmp_path):
    source = tmp_path / "source"
    shutil.copytree(suture.synthetic(FAMILIES["llama"]), source)
    types = ["full_attention"] + ["sliding_attention", "sliding_attention", "full_attention"] * 4
    settings = checkpoints.config(source) | {"layer_types": types[:12], "sliding_window": 4}
    (source / "config.json").write_text(json.dumps(settings))

    model, _ = load_model(suture.build(STACK.format(source=source), tmp_path / "out"))

    slides = [layer.use_sliding for layer in model.model.layers]
    assert slides == [types[layer] == "sliding_attention" for layer in UPSCALED]

#!/bin/sh
# Without a dtype in config.json transformers loads all weights in that of the first tensor.
# One bfloat16 tensor in front of float32 ones halves their precision in silence.
#
# Makes its own input. FINDINGS_VENV names an environment that has the packages already; without it one is made.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python=${FINDINGS_VENV:+$FINDINGS_VENV/bin/python}
if [ -z "$python" ]; then
    python3 -m venv "$folder/venv"
    "$folder/venv/bin/pip" install --quiet torch==2.6.0 transformers==5.24.0 numpy safetensors
    python=$folder/venv/bin/python
fi
cd "$folder"
export HF_HUB_OFFLINE=1 OMP_NUM_THREADS=1
"$python" - <<'END'
import importlib.metadata as packages

for name in ['transformers']:
    print(name, packages.version(name))

import json
from pathlib import Path

import torch
from safetensors.torch import load_file, save_file
from transformers import AutoModelForCausalLM, LlamaConfig, LlamaForCausalLM

LlamaForCausalLM(
    LlamaConfig(
        hidden_size=32, intermediate_size=48, num_hidden_layers=1, num_attention_heads=2, vocab_size=64,
        tie_word_embeddings=False,
    )
).save_pretrained("m")
config = json.loads(Path("m/config.json").read_text())
config.pop("dtype")
Path("m/config.json").write_text(json.dumps(config))
weights = load_file("m/model.safetensors")
first = sorted(weights)[0]
for dtype in (torch.bfloat16, torch.float32):
    save_file(weights | {first: weights[first].to(dtype)}, "m/model.safetensors", metadata={"format": "pt"})
    model = AutoModelForCausalLM.from_pretrained("m")
    print(f"{first} is {dtype}, {len(weights) - 1} others float32: loaded as {model.dtype}")
    assert model.dtype == dtype
END

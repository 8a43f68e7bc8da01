#!/bin/sh
# mlx-lm drops a stored head where the config says that it is tied.
# transformers keeps a head that differs from the embedding and warns: one folder, two models.
#
# Makes its own input. FINDINGS_VENV names an environment that has the packages already; without it one is made.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python=${FINDINGS_VENV:+$FINDINGS_VENV/bin/python}
if [ -z "$python" ]; then
    python3 -m venv "$folder/venv"
    "$folder/venv/bin/pip" install --quiet mlx-lm==0.32.2 'mlx[cpu]==0.32.4' numpy safetensors
    python=$folder/venv/bin/python
fi
cd "$folder"
export HF_HUB_OFFLINE=1 OMP_NUM_THREADS=1
"$python" - <<'END'
import importlib.metadata as packages

for name in ['mlx-lm']:
    print(name, packages.version(name))

import json
from pathlib import Path

import mlx.core as mx
import numpy as np
from mlx_lm.models import llama
from mlx_lm.utils import load_model
from mlx.utils import tree_flatten

config = dict(
    model_type="llama", hidden_size=64, num_hidden_layers=1, intermediate_size=96, num_attention_heads=4,
    num_key_value_heads=2, rms_norm_eps=1e-5, vocab_size=128, tie_word_embeddings=False,
)
weights = dict(tree_flatten(llama.Model(llama.ModelArgs.from_dict(config)).parameters()))
weights["lm_head.weight"] = mx.ones((128, 64))
Path("m").mkdir()
mx.save_safetensors("m/model.safetensors", weights, metadata={"format": "pt"})
Path("m/config.json").write_text(json.dumps(config | {"tie_word_embeddings": True}))
model, _ = load_model(Path("m"))
names = [name for name, _ in tree_flatten(model.parameters())]
hidden = model.model(mx.array([[1, 2, 3]]))
tied = np.array(hidden @ weights["model.embed_tokens.weight"].T)
logits = np.array(model(mx.array([[1, 2, 3]])))
print(f"lm_head in the model: {'lm_head.weight' in names}; logits are the embedding's: {np.allclose(logits, tied, atol=1e-4)}")
assert "lm_head.weight" not in names and np.allclose(logits, tied, atol=1e-4)
END

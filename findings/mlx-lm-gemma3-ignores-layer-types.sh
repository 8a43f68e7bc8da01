#!/bin/sh
# mlx-lm tells Gemma 3's layers apart by a period, not by layer_types.
# Layers attend otherwise than the config says, and fewer of them than the period raise IndexError.
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

import mlx.core as mx
from mlx_lm.models import gemma3_text

SIZES = dict(
    model_type="gemma3_text", hidden_size=64, intermediate_size=96, num_attention_heads=4, head_dim=16,
    num_key_value_heads=2, vocab_size=128, sliding_window=8,
)
kinds = ["full_attention", "sliding_attention"] * 3 + ["full_attention"]
model = gemma3_text.Model(
    gemma3_text.ModelArgs.from_dict(SIZES | {"num_hidden_layers": 7, "layer_types": kinds})
)
full = [i for i, layer in enumerate(model.layers) if not layer.self_attn.is_sliding]
print(f"full by layer_types: {[0, 2, 4, 6]}, in the model: {full}")
assert full == [5]
short = gemma3_text.Model(
    gemma3_text.ModelArgs.from_dict(
        SIZES | {"num_hidden_layers": 4, "layer_types": ["sliding_attention"] * 4}
    )
)
try:
    short(mx.array([[1, 2, 3]]))
except IndexError as error:
    print(f"4 layers: IndexError: {error}")
else:
    raise SystemExit("4 layers run")
END

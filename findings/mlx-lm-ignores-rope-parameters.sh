#!/bin/sh
# mlx-lm runs a llama that transformers 5 saved with the default rope base.
# It reads the top-level rope_theta alone; rope_parameters.rope_theta is dropped in silence.
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

from mlx_lm.models import llama, mixtral, qwen2

SIZES = dict(
    model_type="llama", hidden_size=64, num_hidden_layers=2, intermediate_size=96, num_attention_heads=4,
    num_key_value_heads=2, rms_norm_eps=1e-5, vocab_size=128,
)
for module, fallback in ((llama, 10000), (mixtral, 1e6), (qwen2, 1000000)):
    newer = {"rope_parameters": {"rope_type": "default", "rope_theta": 500000.0}}
    read = module.ModelArgs.from_dict(SIZES | newer).rope_theta
    older = module.ModelArgs.from_dict(SIZES | {"rope_theta": 500000.0}).rope_theta
    print(f"{module.__name__}: rope_parameters 500000 is read as {read}, rope_theta 500000 as {older}")
    assert read == fallback and older == 500000.0
END

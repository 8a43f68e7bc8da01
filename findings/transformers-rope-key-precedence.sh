#!/bin/sh
# Which rope key counts in transformers where a config has several.
# rope_parameters beats rope_theta; rope_scaling replaces rope_parameters whole, and then rope_theta counts.
#
# Makes its own input. FINDINGS_VENV names an environment that has the packages already; without it one is made.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python=${FINDINGS_VENV:+$FINDINGS_VENV/bin/python}
if [ -z "$python" ]; then
    python3 -m venv "$folder/venv"
    "$folder/venv/bin/pip" install --quiet torch==2.6.0 transformers==5.24.0 numpy
    python=$folder/venv/bin/python
fi
cd "$folder"
export HF_HUB_OFFLINE=1 OMP_NUM_THREADS=1
"$python" - <<'END'
import importlib.metadata as packages

for name in ['transformers']:
    print(name, packages.version(name))

from transformers import Gemma3TextConfig, LlamaConfig


def seen(**keys):
    words = str(keys)
    made = LlamaConfig(**keys).rope_parameters
    print(words, "->", made)
    return made["rope_type"], made["rope_theta"]


nine = {"rope_type": "default", "rope_theta": 9.0}
linear = {"rope_type": "linear", "factor": 2.0}
assert seen(rope_theta=7.0, rope_parameters=dict(nine)) == ("default", 9.0)
assert seen(rope_theta=7.0, rope_parameters=dict(nine), rope_scaling=dict(linear)) == ("linear", 7.0)
assert seen(rope_parameters=dict(nine), rope_scaling=dict(linear)) == ("linear", 10000.0)
assert seen(rope_theta=7.0, rope_scaling=linear | {"rope_theta": 5.0}) == ("linear", 5.0)
# Gemma 3 puts rope_scaling into its full layers, and then the older word for its kind, `type`, does nothing.
made = Gemma3TextConfig(rope_scaling={"type": "linear", "factor": 8.0}).rope_parameters["full_attention"]
print("gemma3, rope_scaling.type linear ->", made)
assert made["rope_type"] == "default"
END

#!/bin/sh
# A generation_config.json without eos_token_id hides that of config.json.
# transformers then never stops; without the file it takes the config's.
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

import json
from pathlib import Path

from transformers import AutoModelForCausalLM, LlamaConfig, LlamaForCausalLM

LlamaForCausalLM(
    LlamaConfig(
        hidden_size=32, intermediate_size=48, num_hidden_layers=1, num_attention_heads=2, vocab_size=64, eos_token_id=5
    )
).save_pretrained("m")
file = Path("m/generation_config.json")
for text, end in ((None, 5), ("{}", None), (json.dumps({"do_sample": True}), None), (json.dumps({"eos_token_id": 5}), 5)):
    file.unlink(missing_ok=True)
    if text is not None:
        file.write_text(text)
    found = AutoModelForCausalLM.from_pretrained("m").generation_config.eos_token_id
    print(f"generation_config.json {text}: eos_token_id {found}")
    assert found == end
END

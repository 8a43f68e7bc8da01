#!/bin/sh
# A LoRA on a tied embedding means one model in use and another when it is merged.
# In use the head keeps the base's rows; merged, the tied head changes as well.
#
# Makes its own input. FINDINGS_VENV names an environment that has the packages already; without it one is made.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python=${FINDINGS_VENV:+$FINDINGS_VENV/bin/python}
if [ -z "$python" ]; then
    python3 -m venv "$folder/venv"
    "$folder/venv/bin/pip" install --quiet torch==2.6.0 transformers==5.24.0 numpy peft==0.21.2
    python=$folder/venv/bin/python
fi
cd "$folder"
export HF_HUB_OFFLINE=1 OMP_NUM_THREADS=1
"$python" - <<'END'
import importlib.metadata as packages

for name in ['transformers', 'peft']:
    print(name, packages.version(name))

import warnings

import torch
from peft import LoraConfig, get_peft_model
from transformers import LlamaConfig, LlamaForCausalLM

warnings.filterwarnings("ignore")
torch.manual_seed(0)
model = LlamaForCausalLM(
    LlamaConfig(
        hidden_size=32, intermediate_size=48, num_hidden_layers=1, num_attention_heads=2, vocab_size=64,
        tie_word_embeddings=True,
    )
).eval()
adapted = get_peft_model(model, LoraConfig(r=2, target_modules=["embed_tokens"])).eval()
with torch.no_grad():
    for name, weight in adapted.named_parameters():
        if "lora_embedding" in name:
            weight.copy_(torch.randn_like(weight))
    tokens = torch.arange(8)[None]
    used = adapted(tokens).logits
    merged = adapted.merge_and_unload()(tokens).logits
difference = (used - merged).abs().max().item()
print(f"in use and merged differ by {difference:.2f}, of {used.abs().max().item():.2f}")
assert difference > 0.1
END

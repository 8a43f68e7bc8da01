#!/bin/sh
# A gap in the vocabulary makes tokenizers give one id to two tokens.
# Added tokens are numbered from the count of pieces on, not from behind the highest.
#
# Makes its own input. FINDINGS_VENV names an environment that has the packages already; without it one is made.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python=${FINDINGS_VENV:+$FINDINGS_VENV/bin/python}
if [ -z "$python" ]; then
    python3 -m venv "$folder/venv"
    "$folder/venv/bin/pip" install --quiet tokenizers==0.23.3
    python=$folder/venv/bin/python
fi
cd "$folder"
export HF_HUB_OFFLINE=1 OMP_NUM_THREADS=1
"$python" - <<'END'
import importlib.metadata as packages

for name in ['tokenizers']:
    print(name, packages.version(name))

import json

from tokenizers import Tokenizer


def read(vocabulary, *added):
    tokens = [
        dict(id=i, content=c, single_word=False, lstrip=False, rstrip=False, normalized=False, special=True)
        for c, i in added
    ]
    model = {"type": "BPE", "vocab": vocabulary, "merges": []}
    return Tokenizer.from_str(json.dumps({"version": "1.0", "added_tokens": tokens, "model": model}))


tokenizer = read({"a": 0, "b": 1, "z": 3}, ("<x>", 4))
ids = tokenizer.encode("<x>z").ids
print(f"a 0, b 1, z 3 and <x> 4 in the file: '<x>z' is {ids}, of {tokenizer.get_vocab_size()} tokens")
assert ids == [3, 3]
END

#!/bin/sh
# tokenizers numbers added tokens itself, whatever tokenizer.json says.
# They follow the number of pieces; a piece of the vocabulary keeps its own number.
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


for added, seen in (
    ([("<x>", 9)], [2]),
    ([("<x>", 2), ("<y>", 2)], [2, 3]),
    ([("<x>", 3), ("<y>", 2)], [2, 3]),
    ([("a", 7), ("<y>", 2)], [0, 2]),
):
    tokenizer = read({"a": 0, "b": 1}, *added)
    found = [tokenizer.token_to_id(content) for content, _ in added]
    print(f"a 0, b 1 and {added} in the file: {found}")
    assert found == seen
END

"""What releases of mergekit make of the cases in Tests/Fixtures/oracle; not a part of the checks.

    python3 -m venv /tmp/mk && /tmp/mk/bin/pip install torch==2.6.0 mergekit==0.1.5
    /tmp/mk/bin/python Tests/Interop/optin/mergekit-oracle.py Tests/Fixtures/oracle

The numbers of 0.1.4 lie in `expected`, and those of 0.1.5 in `expected-0.1.5` where they are others by more than the
last bits of sums, or where 0.1.4 refuses the case. Which cases a release refuses, and in which words, is in `refused.json`.
(0.1.4 wants pydantic 2.10 and transformers 4; `ram` and `ramplus_tl` came to its repository after the release.)
"""

import json
import os
import shutil
import sys
import tempfile
from importlib.metadata import version
from pathlib import Path

os.environ["HF_HUB_OFFLINE"] = "1"

import torch
import yaml
from mergekit.config import MergeConfiguration
from mergekit.merge import MergeOptions, run_merge
from safetensors import safe_open
from safetensors.torch import load_file

torch.set_num_threads(1)
oracle = Path(sys.argv[1]).resolve()
release = sys.argv[2] if len(sys.argv) > 2 else version("mergekit")
os.chdir(oracle)
expected = Path("expected" if release == "0.1.4" else f"expected-{release}")
expected.mkdir(exist_ok=True)
refused = json.loads(Path("refused.json").read_text()) if Path("refused.json").exists() else {}
refused[release] = {}


def fault(folder: str) -> str | None:
    """What is wrong with the tensors of a merge, whose models all have the same shapes."""
    shapes = [
        {name: weights.get_slice(name).get_shape() for name in weights.keys()}
        for weights in (safe_open(f"{place}/model.safetensors", "pt") for place in ("models/a", folder))
    ]
    wrong = [name for name in shapes[0].keys() & shapes[1].keys() if shapes[0][name] != shapes[1][name]]
    return f"{len(wrong)} tensors of a wrong shape are written" if wrong else None


def alike(older: dict, newer: dict) -> bool:
    """Whether two releases wrote the same, but for the last bits of float32 sums whose order 0.1.4 left to chance."""
    chance = yaml.safe_load(text)["merge_method"] != "linear"
    for name, tensor in newer.items():
        if older[name].dtype != tensor.dtype:
            return False
        apart = (older[name].double() - tensor.double()).abs().max()
        if not apart <= (3e-7 * tensor.double().abs().max() if chance and tensor.dtype == torch.float32 else 0):
            return False
    return True


for case in sorted(Path("cases").glob("*.yml")):
    text = case.read_text()
    with tempfile.TemporaryDirectory() as folder:
        try:
            options = MergeOptions(copy_tokenizer=False, quiet=True, write_model_card=False)
            run_merge(MergeConfiguration.model_validate(yaml.safe_load(text)), folder, options, config_source=text)
        except Exception as refusal:
            refused[release][case.stem] = f"{type(refusal).__name__}: {refusal}".splitlines()[0]
            continue
        if words := fault(folder):
            refused[release][case.stem] = words
            continue
        older = Path("expected", f"{case.stem}.safetensors")
        if release != "0.1.4" and older.exists() and alike(load_file(older), load_file(f"{folder}/model.safetensors")):
            continue
        shutil.copy(f"{folder}/model.safetensors", expected / f"{case.stem}.safetensors")
        shutil.copy(f"{folder}/config.json", expected / f"{case.stem}.config.json")

Path("refused.json").write_text(json.dumps(refused, indent=1, sort_keys=True) + "\n")

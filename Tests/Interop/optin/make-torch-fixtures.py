#!/usr/bin/env python3
"""Makes Tests/Fixtures/torch with PyPI's torch: small files of torch.save, and the same tensors as safetensors.

Opt-in: needs `pip install torch safetensors numpy`. The tests read only what it wrote.
"""
import collections
import pathlib
import shutil
import sys

import torch
from safetensors.torch import load_file, save_file

ROOT = pathlib.Path(__file__).resolve().parents[2] / "Fixtures" / "torch"


def numbers(*shape, dtype=torch.float32, seed=0):
    generator = torch.Generator().manual_seed(seed)
    return torch.randn(*shape, generator=generator).to(dtype)


def every_kind():
    shared = numbers(6, 8, seed=1)
    state = collections.OrderedDict()
    state["plain"] = numbers(4, 5, seed=2)
    state["half"] = numbers(3, 3, dtype=torch.float16, seed=3)
    state["brain"] = numbers(3, 3, dtype=torch.bfloat16, seed=4)
    state["double"] = numbers(2, 2, dtype=torch.float64, seed=5)
    state["fp8"] = numbers(4, 4, seed=6).to(torch.float8_e4m3fn)
    state["ids"] = torch.arange(12)
    state["bytes"] = torch.arange(6, dtype=torch.uint8)
    state["mask"] = torch.tensor([True, False, True])
    state["scalar"] = torch.tensor(1.5)
    state["empty"] = torch.zeros(0, 3)
    state["parameter"] = torch.nn.Parameter(numbers(2, 3, seed=7))
    state["transposed"] = numbers(7, 5, seed=8).t()
    state["permuted"] = numbers(3, 4, 5, seed=9).permute(2, 0, 1)
    state["rows"] = shared[2:4]
    state["columns"] = shared[:, 1:7:2]
    state["tied"] = state["plain"]
    return state


def main():
    shutil.rmtree(ROOT, ignore_errors=True)
    ROOT.mkdir(parents=True)
    state = every_kind()
    save_file({name: tensor.detach().contiguous().clone() for name, tensor in state.items()}, ROOT / "expected.safetensors")
    state._metadata = collections.OrderedDict([("", {"version": 1})])
    torch.save(state, ROOT / "every-kind.bin")
    torch.save({"epoch": 3, "lr": 0.1, "state_dict": {"a.weight": numbers(2, 2, seed=10)}}, ROOT / "wrapped.bin")
    torch.save(state, ROOT / "every-kind-1.5.bin", _use_new_zipfile_serialization=False)
    torch.save(torch.nn.Linear(2, 2), ROOT / "module.bin")
    torch.save({"a": torch.sparse_coo_tensor([[0]], [1.0], (2,))}, ROOT / "sparse.bin")
    torch.save({"a": [1, 2]}, ROOT / "no-tensors.bin")
    torch.save(torch.nn.Linear(2, 2), ROOT / "module-1.5.bin", _use_new_zipfile_serialization=False)

    # The model that the adapters' fixtures stand on; some matrices lie by their columns.
    weights = load_file(ROOT.parent / "lora" / "base-llama" / "model.safetensors")
    for name in weights:
        if "down_proj" in name:
            weights[name] = weights[name].t().contiguous().t()
    torch.save(weights, ROOT / "llama.bin")


if __name__ == "__main__":
    sys.exit(main())

"""Checkpoints of headers alone, of the families that the fixture lists."""

import json
import re
import struct
from pathlib import Path

VOCABULARY, HIDDEN = 96, 64


def family(row: dict) -> tuple[dict, dict, int]:
    """A family's config, tensors and depth."""
    config: dict = {"model_type": row["type"], "hidden_size": HIDDEN, "num_attention_heads": 4, "vocab_size": VOCABULARY}
    tensors: dict[str, list[int]] = {}
    depth = 1
    for stack in row["stacks"]:
        key = stack.get("count")
        if key:
            is_list = key.startswith("len(")
            path = re.sub(r"^len\((.*)\)$", r"\1", key).split(" ")[-1].split(".")
            scope = config
            for part in path[:-1]:
                scope = scope.setdefault(part, {})
            scope[path[-1]] = ["mamba"] * stack["layers"] if is_list else stack["layers"]
        if stack.get("text"):
            depth = stack["layers"]
        for kind in stack.get("kinds", []):
            for layer in numbers(kind["at"]):
                for half in ("attention", "mlp", "shared", "other"):
                    for suffix in kind.get(half, []):
                        for full in experts(suffix):
                            name = f"{stack['prefix']}.{layer}.{full}"
                            if "{" in full:
                                name = f"{stack['prefix']}.{full.replace('{}', str(layer))}"
                            tensors[name] = shape(full)
    for name in row.get("embedding", []) + [name for name in row.get("head", []) if name.endswith("weight")]:
        tensors[name] = [VOCABULARY, HIDDEN]
    for name in row.get("norm", []) + row.get("global", []):
        tensors.setdefault(name, [HIDDEN])
    return config, tensors, depth


def numbers(text: str) -> list[int]:
    found = []
    for part in text.split(","):
        ends = [int(end) for end in part.split("-") if end]
        found += range(ends[0], ends[-1] + 1) if ends else []
    return found


def experts(suffix: str) -> list[str]:
    if "#" not in suffix:
        return [suffix]
    return [full for number in "01" for full in experts(suffix.replace("#", number, 1))]


def shape(name: str) -> list[int]:
    is_vector = name.endswith("bias") or "norm" in name.lower() or "ln_" in name
    return [HIDDEN] if is_vector else [HIDDEN, HIDDEN]


def write(folder: Path, tensors: dict[str, list[int]], config: dict) -> None:
    """Writes a checkpoint whose numbers are a hole in the file."""
    folder.mkdir(parents=True, exist_ok=True)
    header, end = {}, 0
    for name, dimensions in tensors.items():
        size = 2
        for length in dimensions:
            size *= length
        header[name] = {"dtype": "BF16", "shape": dimensions, "data_offsets": [end, end + size]}
        end += size
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    with open(folder / "model.safetensors", "wb") as file:
        file.write(struct.pack("<Q", len(text)) + text)
        file.truncate(8 + len(text) + end)
    (folder / "config.json").write_text(json.dumps(config))

"""Reads and writes checkpoint folders by the letter of the format, with nothing of Suture's in it."""

import json
import re
import struct
from dataclasses import dataclass
from pathlib import Path

import ml_dtypes
import numpy as np

NUMPY = {
    "F64": np.float64,
    "F32": np.float32,
    "F16": np.float16,
    "BF16": ml_dtypes.bfloat16,
    "I64": np.int64,
    "I32": np.int32,
    "U32": np.uint32,
    "U8": np.uint8,
    "BOOL": np.bool_,
}


@dataclass(frozen=True)
class Tensor:
    """A stored tensor: its dtype as the header spells it, its shape and its bytes."""

    dtype: str
    shape: tuple
    data: bytes

    @property
    def numbers(self) -> np.ndarray:
        return np.frombuffer(self.data, NUMPY[self.dtype]).reshape(self.shape)


def read_file(path: Path) -> dict[str, Tensor]:
    """The tensors of one safetensors file, in the order in which they lie."""
    raw = path.read_bytes()
    (length,) = struct.unpack("<Q", raw[:8])
    header = json.loads(raw[8 : 8 + length])
    header.pop("__metadata__", None)
    body = raw[8 + length :]
    entries = sorted(header.items(), key=lambda item: item[1]["data_offsets"])
    tensors, end = {}, 0
    for name, entry in entries:
        first, last = entry["data_offsets"]
        assert first == end, f"{path.name}: {name} begins at {first}, the one before ends at {end}"
        end = last
        tensors[name] = Tensor(entry["dtype"], tuple(entry["shape"]), body[first:last])
    assert end == len(body), f"{path.name}: tensors end at {end}, the file at {len(body)}"
    return tensors


def read(folder: Path) -> dict[str, Tensor]:
    """All tensors of a checkpoint folder, by its index where it has one."""
    index = folder / "model.safetensors.index.json"
    if not index.exists():
        return read_file(folder / "model.safetensors")
    where = json.loads(index.read_text())["weight_map"]
    shards = {name: read_file(folder / name) for name in set(where.values())}
    return {name: shards[shard][name] for name, shard in where.items()}


def config(folder: Path) -> dict:
    """What config.json says."""
    return json.loads((folder / "config.json").read_text())


def write_file(path: Path, header, body: bytes, length: int | None = None) -> None:
    """Writes a safetensors file whose header (an object, text or bytes) may lie, as may its length."""
    text = header if isinstance(header, bytes) else header.encode() if isinstance(header, str) else encoded(header)
    path.write_bytes(struct.pack("<Q", len(text) if length is None else length) + text + body)


def encoded(header) -> bytes:
    return json.dumps(header).encode()


def write(folder: Path, tensors: dict[str, np.ndarray], settings: dict) -> Path:
    """Writes an honest checkpoint of one file."""
    folder.mkdir(parents=True)
    names = {np.dtype(kind): name for name, kind in NUMPY.items()}
    header, body = {}, b""
    for name, numbers in tensors.items():
        data = numbers.tobytes()
        span = [len(body), len(body) + len(data)]
        header[name] = {"dtype": names[numbers.dtype], "shape": list(numbers.shape), "data_offsets": span}
        body += data
    write_file(folder / "model.safetensors", header, body)
    (folder / "config.json").write_text(json.dumps(settings))
    return folder


LAYER = re.compile(r"^(.*?\b(?:layers|layer|h))\.(\d+)\.(.*)$")


def split(name: str) -> tuple[str, int | None, str]:
    """A tensor's name as prefix, layer and suffix; the layer is None outside the stack."""
    found = LAYER.match(name)
    return (found[1], int(found[2]), found[3]) if found else (name, None, "")


def restacked(source: dict[str, Tensor], layers: list[int]) -> dict[str, Tensor]:
    """What a model must hold whose layer j is layer `layers[j]` of the source: the independent answer."""
    expected = {name: tensor for name, tensor in source.items() if split(name)[1] is None}
    for target, origin in enumerate(layers):
        for name, tensor in source.items():
            prefix, layer, suffix = split(name)
            if layer == origin:
                expected[f"{prefix}.{target}.{suffix}"] = tensor
    return expected


def assert_same_tensors(found: dict[str, Tensor], expected: dict[str, Tensor]) -> None:
    """Same names, dtypes, shapes and bytes."""
    assert sorted(found) == sorted(expected)
    different = [name for name in expected if found[name] != expected[name]]
    assert not different, f"{len(different)} tensors differ, such as {different[:3]}"

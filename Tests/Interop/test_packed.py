"""Packed weight files, read by the description in PackedWeights.md and nothing of Suture's."""

import json
import struct

import checkpoints
import numpy as np
import pytest
import suture
import zstandard


class Packed:
    """A reader of packed files: what the page says, and no more."""

    def __init__(self, raw: bytes):
        self.raw = raw
        count, flags, magic = struct.unpack("<IBI", raw[-9:])
        assert magic == 0x8F92EAB1 and flags == 0
        table = raw[-(8 * count + 17) :]
        assert struct.unpack("<II", table[:8]) == (0x184D2A5E, 8 * count + 9)
        self.frames, start, place = [], 0, 0
        split = self.planes(count)
        for i in range(count):
            length, content = struct.unpack("<II", table[8 + 8 * i : 16 + 8 * i])
            self.frames.append((start, start + length, place, place + content, split[i]))
            start, place = start + length, place + content
        assert start == len(raw) - len(table)
        self.length = place

    def planes(self, count: int) -> list[bool]:
        magic, length = struct.unpack("<II", self.raw[:8])
        if magic != 0x184D2A5B:
            return [False] * count
        payload = self.raw[8 : 8 + length]
        assert payload[:8] == b"SUTPLANE" and payload[8] == 1
        return [bool(payload[9 + i // 8] >> i % 8 & 1) for i in range(count)]

    def frame(self, i: int) -> bytes:
        start, end, first, last, is_split = self.frames[i]
        content = zstandard.ZstdDecompressor().decompress(self.raw[start:end]) if last > first else b""
        assert len(content) == last - first
        if is_split:
            content = np.frombuffer(content, np.uint8).reshape(2, -1)[::-1].T.tobytes()
        return content

    def read(self, start: int, end: int) -> bytes:
        """Some bytes of the file, of the frames that they lie in."""
        found = [i for i, frame in enumerate(self.frames) if frame[2] < end and frame[3] > start]
        joined = b"".join(self.frame(i) for i in found)
        return joined[start - self.frames[found[0]][2] :][: end - start] if found else b""


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    """A model of several shards, with tensors of several frames and many in one."""
    recipe = "slicegraph: 1\ninputs: {x: {}}\ngraph: {out: {slice: x}}\noutput: {shard_size: 20MB}\n"
    source = suture.synthetic("llama?layers=1&hidden=1024&seed=5&dtype=bf16")
    return suture.build(recipe, tmp_path_factory.mktemp("packed") / "plain", "--input", f"x={source}")


@pytest.mark.parametrize("planes", [False, True])
def test_another_reader_reads_what_pack_wrote(model, tmp_path, planes):
    target = tmp_path / "packed"
    outcome = suture.run("pack", model, "-o", target, *(["--planes"] if planes else []))
    assert outcome.code == 0, str(outcome)
    ending = ".planes.zst" if planes else ".zst"
    shards = sorted(model.glob("*.safetensors"))
    assert len(shards) > 1
    for shard in shards:
        packed = Packed((target / (shard.name + ending)).read_bytes())
        raw = shard.read_bytes()
        assert packed.length == len(raw) and packed.read(0, len(raw)) == raw
        (length,) = struct.unpack("<Q", packed.read(0, 8))
        header = json.loads(packed.read(8, 8 + length))
        header.pop("__metadata__", None)
        tensors = checkpoints.read_file(shard)
        for name, entry in header.items():
            first, last = entry["data_offsets"]
            assert packed.read(8 + length + first, 8 + length + last) == tensors[name].data
            touched = [f for f in packed.frames if f[2] < 8 + length + last and f[3] > 8 + length + first]
            # A tensor begins a frame, or shares one with whole neighbours.
            assert len(touched) == 1 or touched[0][2] == 8 + length + first


@pytest.mark.parametrize("planes", [False, True])
def test_a_build_that_packs_is_the_plain_build(model, tmp_path, planes):
    recipe = "slicegraph: 1\ninputs: {x: {}}\ngraph: {out: {stack: [x, 'x[0]']}}\n"
    plain = suture.build(recipe, tmp_path / "plain", "--input", f"x={model}")
    options = ["--compress", "zstd:3"] + (["--planes"] if planes else [])
    packed = suture.build(recipe, tmp_path / "packed", "--input", f"x={model}", *options)
    (file,) = packed.glob("*.zst")
    reader = Packed(file.read_bytes())
    assert reader.read(0, reader.length) == (plain / "model.safetensors").read_bytes()
    # And it is a source like any other, from which the next build makes the same.
    again = suture.build(recipe, tmp_path / "again", "--input", f"x={packed}")
    other = suture.build(recipe, tmp_path / "other", "--input", f"x={plain}")
    assert (again / "model.safetensors").read_bytes() == (other / "model.safetensors").read_bytes()

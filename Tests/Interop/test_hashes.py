"""The manifest's hashes and a lock's, computed by other programs."""

import hashlib
import json
from pathlib import Path

import pytest
import xxhash

import checkpoints
import suture

RECIPE = """\
slicegraph: 1
name: hashed
inputs:
  a: "synthetic:llama?layers=4&hidden=64&seed=1"
  b: "synthetic:llama?layers=4&hidden=64&seed=1&tune=2"
graph:
  mixed: {blend: {method: slerp, inputs: ["a[1:3]", "b[1:3]"], params: {t: 0.5}}}
  out: {stack: ["a[0:3]", mixed, "b[2:4]"]}
output: {dtype: bfloat16}
"""


def xxh3(data: bytes) -> str:
    return "xxh3:" + xxhash.xxh3_128_hexdigest(data)


@pytest.fixture(scope="module", params=["1", "8"])
def folder(request, tmp_path_factory) -> Path:
    flags = ["--shard-size", "200KB", "--threads", request.param, "--hash-all"]
    return suture.build(RECIPE, tmp_path_factory.mktemp("hashes") / "out", *flags)


def test_every_tensor_has_the_hash_that_the_manifest_says(folder):
    manifest = json.loads((folder / "manifest.json").read_text())
    tensors = checkpoints.read(folder)
    assert {name: xxh3(tensor.data) for name, tensor in tensors.items()} == {
        name: said["hash"] for name, said in manifest["tensors"].items()
    }


def test_every_file_is_listed_with_its_hash(folder):
    manifest = json.loads((folder / "manifest.json").read_text())
    said = {file["name"]: (file["bytes"], file["hash"]) for file in manifest["files"]}
    others = {path.name for path in folder.iterdir()} - {"manifest.json"} - {s["name"] for s in manifest["shards"]}
    assert said == {name: ((folder / name).stat().st_size, xxh3((folder / name).read_bytes())) for name in others}
    for shard in manifest["shards"]:
        data = (folder / shard["name"]).read_bytes()
        assert (shard["bytes"], shard["header"]) == (len(data), xxh3(data[: shard["data_start"]]))


def test_the_manifest_ends_with_the_hash_of_itself(folder):
    text = (folder / "manifest.json").read_bytes()
    body, _, _ = text.rpartition(b',\n "hash": ')
    assert json.loads(text)["hash"] == xxh3(body)


def test_the_manifest_is_the_same_bytes_on_any_number_of_threads(folder, tmp_path):
    again = suture.build(RECIPE, tmp_path / "out", "--shard-size", "200KB", "--threads", "2", "--hash-all")
    assert (again / "manifest.json").read_bytes() == (folder / "manifest.json").read_bytes()


def test_a_lock_has_the_sha256_of_every_file(tmp_path):
    recipe = suture.written(RECIPE, tmp_path / "hashed")
    outcome = suture.run("lock", recipe)
    assert outcome.code == 0, str(outcome)
    lock = json.loads(Path(outcome.answer.strip()).read_text())
    for source in lock["sources"]:
        model = suture.synthetic(source["reference"].removeprefix("synthetic:"))
        assert {file["name"]: file["sha256"] for file in source["files"]} == {
            path.name: hashlib.sha256(path.read_bytes()).hexdigest()
            for path in model.iterdir()
            if path.is_file() and not path.name.startswith((".", "README"))
        }


def test_verify_names_the_tensor_of_a_flipped_bit(folder):
    good = suture.run("verify", folder, "--recompute", "10%")
    assert good.code == 0, str(good)
    path = sorted(folder.glob("*.safetensors"))[-1]
    data = bytearray(path.read_bytes())
    data[-1] ^= 1
    path.write_bytes(data)
    bad = suture.run("verify", folder, "--json")
    assert bad.code == 1, str(bad)
    faults = json.loads(bad.answer)["diagnostics"]
    assert [fault["code"] for fault in faults] == ["tensor-damaged"]
    assert faults[0]["file"] == str(path) and faults[0]["tensor"] in checkpoints.read_file(path)
    data[-1] ^= 1
    path.write_bytes(data)

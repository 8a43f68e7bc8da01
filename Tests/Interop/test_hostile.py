"""Checkpoints that lie: each is refused by name, with nothing left where the output should be."""

import json
import shutil
from pathlib import Path

import numpy as np
import pytest

import checkpoints
import suture

RECIPE = """\
slicegraph: 1
name: hostile
inputs: {{base: "{source}"}}
graph:
  out: {{stack: ["base[0:2]", "base[1:2]"]}}
"""

NAME = "model.layers.1.mlp.up_proj.weight"
FILE = "model.safetensors"


@pytest.fixture
def source(tmp_path) -> Path:
    """An honest checkpoint of one file, to be spoiled."""
    folder = tmp_path / "source"
    shutil.copytree(suture.synthetic("llama?layers=2&hidden=32&vocab=64&seed=1"), folder)
    return folder


@pytest.fixture
def sharded(tmp_path) -> Path:
    """An honest checkpoint of three files and an index, to be spoiled."""
    folder = tmp_path / "source"
    shutil.copytree(suture.synthetic("llama?layers=2&hidden=32&vocab=64&seed=1&shards=3"), folder)
    return folder


def refused(source: Path, *words: str) -> suture.Run:
    """Builds from a folder, which must be refused with an exit code of our own and words that name what is wrong."""
    output = source.parent / "out"
    outcome = suture.run("build", suture.written(RECIPE.format(source=source), output), "-o", output)
    assert outcome.code in (1, 2), str(outcome)
    assert "error: " in outcome.words
    for word in words:
        assert word in outcome.words, f"'{word}' is not in:\n{outcome.words}"
    assert sorted(path.name for path in source.parent.iterdir()) == ["out.yml", "source"], "nothing is left behind"
    return outcome


def split(path: Path) -> tuple[dict, bytes]:
    """A file's header as an object, and its body."""
    raw = path.read_bytes()
    length = int.from_bytes(raw[:8], "little")
    return json.loads(raw[8 : 8 + length]), raw[8 + length :]


def entry(**changes):
    """Changes the entry of one tensor; a value of None takes the key away."""

    def lie(header, body):
        header[NAME] |= changes
        header[NAME] = {key: value for key, value in header[NAME].items() if value is not None}
        return header, body

    return lie


def moved(by_first: int, by_last: int):
    """Moves the ends of one tensor's bytes."""

    def lie(header, body):
        first, last = header[NAME]["data_offsets"]
        return entry(data_offsets=[first + by_first, last + by_last])(header, body)

    return lie


def doubled(header, body):
    text = json.dumps(header)
    return text[:-1] + f', "{NAME}": {json.dumps(header[NAME])}' + "}", body


def lengthened(header, body):
    """A hole: every tensor from one on lies four bytes further on than the one before it ends."""
    edge = header[NAME]["data_offsets"][0]
    for name, tensor in header.items():
        if name != "__metadata__" and tensor["data_offsets"][0] >= edge:
            tensor["data_offsets"] = [offset + 4 for offset in tensor["data_offsets"]]
    return header, body[:edge] + bytes(4) + body[edge:]


# What each lie does to the header and the body, and the words that its error must hold besides the file's name.
TENSOR_LIES = {
    "overlaps its neighbour": moved(-4, -4),
    "leaves a hole": lengthened,
    "ends past the file": moved(0, 1 << 40),
    "ends past all numbers": entry(data_offsets=[0, 2**64 - 1]),
    "ends before it begins": entry(data_offsets=[64, 32]),
    "has fewer bytes than its shape": moved(0, -2),
    "has more bytes than its shape": entry(shape=[4, 4]),
    "has a shape past all numbers": entry(shape=[2**32, 2**32, 2**32]),
    "has a negative dimension": entry(shape=[-96, -32]),
    "has half a dimension": entry(shape=[96.5, 32]),
    "has words for a shape": entry(shape="96x32"),
    "has an unknown dtype": entry(dtype="BF17"),
    "has a dtype in small letters": entry(dtype="bf16"),
    "has no dtype": entry(dtype=None),
    "has no shape": entry(shape=None),
    "has no offsets": entry(data_offsets=None),
    "has three offsets": entry(data_offsets=[0, 1, 2]),
    "is there twice": doubled,
}

FILE_LIES = {
    "ends in its header": lambda raw: raw[:100],
    "ends in its tensors": lambda raw: raw[:-10],
    "goes on after its tensors": lambda raw: raw + bytes(7),
    "is empty": lambda raw: b"",
    "has seven bytes": lambda raw: raw[:7],
    "has no header": lambda raw: bytes(8) + raw[8:],
    "has a header of more than 100 MB": lambda raw: (100_000_001).to_bytes(8, "little") + raw[8:],
    "has a header of all numbers": lambda raw: (2**64 - 1).to_bytes(8, "little") + raw[8:],
    "has a list for a header": lambda raw: (2).to_bytes(8, "little") + b"[]",
    "has a header that is no JSON": lambda raw: raw[:8] + b"}" + raw[9:],
    "has a header that is not UTF-8": lambda raw: raw[:20] + b"\xff\xfe" + raw[22:],
    "has a header nested to the moon": lambda raw: (400_000).to_bytes(8, "little") + b"[" * 400_000,
    "has numbers for metadata": lambda raw: metadata(raw, {"format": 1}),
    "is a web page": lambda raw: b"<!DOCTYPE html><html><body>Access denied</body></html>",
    "is a pointer to large file storage": lambda raw: b"version https://git-lfs.github.com/spec/v1\noid sha256:0\n",
}


def metadata(raw: bytes, value) -> bytes:
    length = int.from_bytes(raw[:8], "little")
    header = json.loads(raw[8 : 8 + length]) | {"__metadata__": value}
    text = json.dumps(header).encode()
    return len(text).to_bytes(8, "little") + text + raw[8 + length :]


def test_the_honest_checkpoint_is_built(source, tmp_path):
    folder = suture.build(RECIPE.format(source=source), tmp_path / "out")
    expected = checkpoints.restacked(checkpoints.read(source), [0, 1, 1])
    checkpoints.assert_same_tensors(checkpoints.read(folder), expected)


@pytest.mark.parametrize("lie", TENSOR_LIES)
def test_a_tensor_that(lie, source):
    header, body = TENSOR_LIES[lie](*split(source / FILE))
    checkpoints.write_file(source / FILE, header, body)
    refused(source, FILE, NAME)


@pytest.mark.parametrize("lie", FILE_LIES)
def test_a_file_that(lie, source):
    (source / FILE).write_bytes(FILE_LIES[lie]((source / FILE).read_bytes()))
    refused(source, FILE)


def test_weights_that_are_a_folder(source):
    (source / FILE).unlink()
    (source / FILE).mkdir()
    refused(source, FILE)


def test_weights_that_are_a_link_to_nowhere(source):
    (source / FILE).unlink()
    (source / FILE).symlink_to("nowhere")
    refused(source, FILE)


def test_no_weights(source):
    (source / FILE).unlink()
    refused(source, str(source))


INDEX = "model.safetensors.index.json"
SHARDS = [f"model-{number:05}-of-00003.safetensors" for number in (1, 2, 3)]


def indexed(folder: Path, change) -> None:
    index = json.loads((folder / INDEX).read_text())
    (folder / INDEX).write_text(json.dumps(change(index) or index))


def test_an_honest_index_is_followed(sharded, tmp_path):
    folder = suture.build(RECIPE.format(source=sharded), tmp_path / "out")
    checkpoints.assert_same_tensors(
        checkpoints.read(folder), checkpoints.restacked(checkpoints.read(sharded), [0, 1, 1])
    )


def test_an_index_that_names_a_missing_shard(sharded):
    (sharded / SHARDS[1]).unlink()
    refused(sharded, SHARDS[1])


def test_shards_without_an_index_of_which_one_is_missing(sharded):
    (sharded / INDEX).unlink()
    (sharded / SHARDS[2]).unlink()
    refused(sharded, SHARDS[2])


def test_an_index_that_names_a_tensor_that_is_not_there(sharded):
    indexed(sharded, lambda index: index["weight_map"].update({"model.layers.1.phantom.weight": SHARDS[0]}))
    refused(sharded, SHARDS[0], "model.layers.1.phantom.weight")


def test_an_index_that_seeks_a_tensor_in_the_wrong_shard(sharded):
    where = json.loads((sharded / INDEX).read_text())["weight_map"]
    other = next(shard for shard in SHARDS if shard != where[NAME])
    indexed(sharded, lambda index: index["weight_map"].update({NAME: other}))
    refused(sharded, other, NAME)


@pytest.mark.parametrize("path", ["../elsewhere.safetensors", "/etc/passwd", "", "a/../../elsewhere.safetensors"])
def test_an_index_that_climbs_out_of_its_folder(path, sharded):
    indexed(sharded, lambda index: index["weight_map"].update({NAME: path}))
    refused(sharded, INDEX, NAME)


@pytest.mark.parametrize("text", ["", "{", "[]", '{"weight_map": 3}', '{"weight_map": {"a": 1}}', "{}"])
def test_an_index_that_is_none(text, sharded):
    (sharded / INDEX).write_text(text)
    refused(sharded, INDEX)


def test_a_tensor_in_two_shards(sharded):
    (sharded / INDEX).unlink()
    shutil.copy(sharded / SHARDS[0], sharded / SHARDS[1])
    refused(sharded, SHARDS[1])


CONFIGS = ["", "{", "[]", "null", '{"model_type": "llama"', "\x00" * 10, "[" * 100_000]


@pytest.mark.parametrize("text", CONFIGS, ids=range(len(CONFIGS)))
def test_a_config_that_is_none(text, source):
    (source / "config.json").write_text(text)
    refused(source, "config.json")


def test_no_config(source):
    (source / "config.json").unlink()
    refused(source, "config.json")


@pytest.mark.parametrize("count", [1, 3, 1000])
def test_a_config_whose_layer_count_is_not_the_files(count, source):
    settings = checkpoints.config(source) | {"num_hidden_layers": count}
    (source / "config.json").write_text(json.dumps(settings))
    refused(source, "num_hidden_layers")


@pytest.mark.parametrize("count", [0, -2, 2.5, "two", 10**9, 10**30, None, [2], {"a": 2}])
def test_a_config_whose_layer_count_is_no_count_is_put_right(count, source, tmp_path):
    settings = checkpoints.config(source) | {"num_hidden_layers": count}
    (source / "config.json").write_text(json.dumps(settings))
    recipe = suture.written(RECIPE.format(source=source), tmp_path / "out")
    outcome = suture.run("build", recipe, "-o", tmp_path / "out")
    assert outcome.code == 0, str(outcome)
    assert "warning: " in outcome.words and "num_hidden_layers" in outcome.words
    assert checkpoints.config(tmp_path / "out")["num_hidden_layers"] == 3


def test_a_number_that_is_none_stops_a_blend_and_names_its_place(source, tmp_path):
    numbers = {name: tensor.numbers.copy() for name, tensor in checkpoints.read(source).items()}
    numbers[NAME][3, 5] = np.nan
    settings = checkpoints.config(source)
    checkpoints.write(tmp_path / "other", numbers, settings)
    output = tmp_path / "out"
    recipe = f"""\
slicegraph: 1
name: blend
inputs: {{a: "{source}", b: "{tmp_path / 'other'}"}}
graph:
  out: {{blend: {{method: linear, inputs: [{{from: a, weight: 0.5}}, {{from: b, weight: 0.5}}]}}}}
"""
    outcome = suture.run("build", suture.written(recipe, output), "-o", output)
    assert outcome.code == 1, str(outcome)
    assert NAME in outcome.words
    assert str(3 * numbers[NAME].shape[1] + 5) in outcome.words, outcome.words
    assert not output.exists()
    suture.build(recipe, output, "--allow-nonfinite")


def test_an_output_that_is_there_already_stays(source, tmp_path):
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "mine.txt").write_text("mine")
    outcome = suture.run("build", suture.written(RECIPE.format(source=source), tmp_path / "out"), "-o", tmp_path / "out")
    assert outcome.code in (1, 2), str(outcome)
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["mine.txt"]


def test_an_output_inside_a_source(source):
    outcome = suture.run("build", suture.written(RECIPE.format(source=source), source.parent / "r"), "-o", source / "out")
    assert outcome.code in (1, 2), str(outcome)
    assert not (source / "out").exists()


def test_an_output_where_no_folder_can_be(source, tmp_path):
    (tmp_path / "file").write_text("")
    outcome = suture.run("build", suture.written(RECIPE.format(source=source), tmp_path / "r"), "-o", tmp_path / "file" / "out")
    assert outcome.code == 2, str(outcome)
    assert str(tmp_path / "file") in outcome.words
    assert (tmp_path / "file").read_text() == ""

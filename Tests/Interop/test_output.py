"""The output folder, opened by the programs that people open it with."""

import json
from pathlib import Path

import pytest
import yaml
from huggingface_hub import ModelCard
from safetensors import safe_open
from tokenizers import Tokenizer
from transformers import AutoConfig, AutoTokenizer, GenerationConfig

import checkpoints
import suture

RECIPE = """\
slicegraph: 1
name: two-of-a-kind
description: Layers of two models, in turn.
inputs:
  a: "synthetic:llama?layers=4&hidden=64&seed=1"
  b: "synthetic:llama?layers=4&hidden=64&seed=1&tune=2"
graph:
  out: {stack: ["a[0:3]", "b[1:4]"]}
output: {dtype: bfloat16}
"""


@pytest.fixture(scope="module", params=["lone file", "shards"])
def folder(request, tmp_path_factory) -> Path:
    flags = ["--shard-size", "200KB"] if request.param == "shards" else []
    return suture.build(RECIPE, tmp_path_factory.mktemp("output") / "out", *flags)


def weight_files(folder: Path) -> list[Path]:
    return sorted(folder.glob("*.safetensors"))


def test_safetensors_opens_every_file_and_sees_the_same_bytes(folder):
    own = checkpoints.read(folder)
    seen = {}
    for path in weight_files(folder):
        with safe_open(path, framework="numpy") as file:
            assert file.metadata()["format"] == "pt"
            for name in file.keys():
                tensor = file.get_tensor(name)
                assert tensor.tobytes() == own[name].data, name
                assert tensor.shape == own[name].shape, name
                seen[name] = path.name
    assert sorted(seen) == sorted(own)


def test_the_index_says_where_every_tensor_is_and_how_many_bytes_there_are(folder):
    files = weight_files(folder)
    index = folder / "model.safetensors.index.json"
    if len(files) == 1:
        assert files[0].name == "model.safetensors"
        assert not index.exists()
        return
    assert [path.name for path in files] == [
        f"model-{number:05}-of-{len(files):05}.safetensors" for number in range(1, len(files) + 1)
    ]
    said = json.loads(index.read_text())
    found = {name: path.name for path in files for name in checkpoints.read_file(path)}
    assert said["weight_map"] == found
    tensors = checkpoints.read(folder)
    assert said["metadata"]["total_size"] == sum(len(tensor.data) for tensor in tensors.values())
    assert all(sum(len(t.data) for t in checkpoints.read_file(path).values()) <= 200_000 for path in files)


def test_the_tokenizer_opens_and_comes_back_to_its_words(folder):
    tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
    assert tokenizer.decode(tokenizer.encode("cut and sew").ids) == "cut and sew"
    assert AutoTokenizer.from_pretrained(folder).encode("cut and sew")


def test_transformers_reads_the_configs(folder):
    config = AutoConfig.from_pretrained(folder)
    assert config.num_hidden_layers == 6
    generation = GenerationConfig.from_pretrained(folder)
    assert generation.eos_token_id == config.eos_token_id


def test_the_hub_reads_the_model_card(folder):
    card = ModelCard.load(folder / "README.md")
    assert card.data.library_name == "transformers"
    assert "merge" in card.data.tags and "mergekit" not in card.data.tags
    assert isinstance(yaml.safe_load(card.content.split("---")[1])["base_model"], list)
    assert "two-of-a-kind" in card.text


def test_the_card_names_the_models_that_the_hub_has(tmp_path, monkeypatch):
    hub = tmp_path / "hub"
    snapshot = hub / "models--someone--tiny" / "snapshots" / ("a" * 40)
    snapshot.parent.mkdir(parents=True)
    suture.synthetic("llama?layers=4&hidden=64&seed=1").rename(snapshot)
    (hub / "models--someone--tiny" / "refs").mkdir()
    (hub / "models--someone--tiny" / "refs" / "main").write_text("a" * 40)
    monkeypatch.setenv("HF_HUB_CACHE", str(hub))
    folder = suture.build(RECIPE, tmp_path / "out", "--input", "a=someone/tiny")
    assert "someone/tiny" in ModelCard.load(folder / "README.md").data.base_model


def test_the_manifest_says_where_every_tensor_came_from(folder):
    manifest = json.loads((folder / "manifest.json").read_text())
    references = {"a": "llama?layers=4&hidden=64&seed=1", "b": "llama?layers=4&hidden=64&seed=1&tune=2"}
    sources = {name: checkpoints.read(suture.synthetic(reference)) for name, reference in references.items()}
    tensors = checkpoints.read(folder)
    assert sorted(manifest["tensors"]) == sorted(tensors)
    for name, said in manifest["tensors"].items():
        model, origin = said["from"].split(":")
        assert sources[model][origin] == tensors[name], name
        assert name in checkpoints.read_file(folder / said["shard"])


def test_the_recipe_lies_beside_the_model(folder):
    text = (folder / "recipe.yml").read_text()
    # What was given on the command line is written in, so that the file alone makes the model again.
    wanted = ["shard_size: 200", "a[0:3]", "b[1:4]"] if len(weight_files(folder)) > 1 else [RECIPE.strip()]
    assert all(part in text for part in wanted)


def test_it_is_the_same_bytes_again_whatever_the_threads(folder, tmp_path):
    flags = ["--shard-size", "200KB"] if len(weight_files(folder)) > 1 else []
    again = suture.build(RECIPE, tmp_path / "out", "--threads", "1", *flags)
    assert sorted(path.name for path in again.iterdir()) == sorted(path.name for path in folder.iterdir())
    for path in weight_files(folder):
        assert path.read_bytes() == (again / path.name).read_bytes()


def test_the_plan_says_what_is_built(folder):
    flags = ["--shard-size", "200KB"] if len(weight_files(folder)) > 1 else []
    plan = suture.plan(RECIPE, folder.parent / "plan", *flags)
    tensors = checkpoints.read(folder)
    assert plan["layers"] == 6
    assert plan["parameters"] == sum(len(tensor.data) // 2 for tensor in tensors.values())
    assert sorted(tensor["name"] for tensor in plan["tensors"]) == sorted(tensors)
    assert plan["config"] == checkpoints.config(folder)
    assert len(plan["shards"]) == len(weight_files(folder))
    assert isinstance(plan["diagnostics"], list)

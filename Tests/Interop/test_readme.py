"""What README tells a newcomer to write works as it stands there."""

import re
from pathlib import Path

import pytest

import suture

README = (suture.REPOSITORY / "README.md").read_text()


@pytest.fixture
def hub(tmp_path, monkeypatch):
    """A hub cache that has the models of the examples, small ones of 32 layers."""
    monkeypatch.setenv("HF_HUB_CACHE", str(tmp_path / "hub"))
    commit = "0" * 40
    for seed, name in enumerate(["mistralai/Mistral-7B-v0.1", "org/model-a", "org/model-b"]):
        folder = tmp_path / "hub" / ("models--" + name.replace("/", "--"))
        (folder / "snapshots").mkdir(parents=True)
        (folder / "snapshots" / commit).symlink_to(suture.synthetic(f"mistral?layers=32&hidden=32&vocab=64&seed={seed}"))
        (folder / "refs").mkdir()
        (folder / "refs" / "main").write_text(commit)


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```$", README, re.MULTILINE | re.DOTALL)


def test_the_quick_start_is_two_commands():
    assert len(blocks("sh")) == 1
    assert len(blocks("sh")[0].splitlines()) == 2


@pytest.mark.parametrize("layers, recipe", zip([48, 32], blocks("yaml"), strict=True), ids=["native", "mergekit"])
def test_an_example_recipe_builds(layers, recipe, hub, tmp_path):
    assert suture.plan(recipe, tmp_path / "plan")["layers"] == layers
    suture.build(recipe, tmp_path / "out")


def test_every_recipe_is_in_the_table_and_the_other_way_round():
    linked = set(re.findall(r"\(recipes/([^)]+)\)", README))
    assert linked == {path.name for path in (suture.REPOSITORY / "recipes").iterdir()}


def test_every_command_is_in_the_table_and_the_other_way_round():
    told = set(re.findall(r"^\| `suture (\w+)", README, re.MULTILINE))
    known = set(re.findall(r"^  (\w+)  ", suture.run("help").answer.split("SUBCOMMANDS:")[1], re.MULTILINE))
    assert told == known


def test_every_room_is_in_the_table():
    told = set(re.findall(r"`(Suture\w+|suture)`", README))
    assert {path.name for path in (suture.REPOSITORY / "Sources").iterdir() if path.name[0] in "Ss"} <= told


@pytest.mark.parametrize("path", sorted(set(re.findall(r"`((?:Sources|Tests)/[\w/]+|\.ci/\w+)`", README))))
def test_a_place_that_it_names_is_there(path):
    assert (suture.REPOSITORY / path).exists()

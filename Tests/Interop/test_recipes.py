"""The recipes that come with Suture, each planned and built on small made-up models."""

from pathlib import Path

import pytest
import yaml

import checkpoints
import suture

RECIPES = sorted((suture.REPOSITORY / "recipes").glob("*.yml"))

# How deep a model a recipe is for, where its ranges are for one depth alone.
DEPTHS = {"goliath.yml": 80, "math-upscale.yml": 36}


def by_name(path: Path) -> str:
    return path.name


def bound(recipe: Path) -> list[str]:
    """Options that give every input of a native recipe a small model of its own."""
    said = yaml.safe_load(recipe.read_text())
    size = f"layers={DEPTHS.get(recipe.name, 32)}&hidden=32&vocab=64"
    names = said["inputs"] if "slicegraph" in said else []
    return [
        option
        for number, name in enumerate(names)
        for option in ("--input", f"{name}=synthetic:llama?{size}&seed=1&tune={number}")
    ]


@pytest.mark.parametrize("recipe", RECIPES, ids=by_name)
def test_a_recipe_builds_what_it_plans(recipe, tmp_path):
    plan = suture.plan(recipe, tmp_path / "plan", *bound(recipe))
    folder = suture.build(recipe, tmp_path / "out", *bound(recipe))
    tensors = checkpoints.read(folder)
    assert {tensor["name"]: tensor["shape"] for tensor in plan["tensors"]} == {
        name: list(tensor.shape) for name, tensor in tensors.items()
    }
    assert {checkpoints.split(name)[1] for name in tensors} == {None, *range(plan["layers"])}
    assert checkpoints.config(folder) == plan["config"]


@pytest.mark.parametrize("recipe", RECIPES, ids=by_name)
def test_a_recipe_leaves_nothing_to_be_warned_of(recipe):
    outcome = suture.run("check", recipe, *bound(recipe))
    assert outcome.code == 0, str(outcome)
    assert "warning: " not in outcome.words

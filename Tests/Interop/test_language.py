"""The recipe language, held against an independent validator and against its own other forms."""

import json
from pathlib import Path

import pytest
import yaml
from jsonschema import Draft202012Validator

import suture
from test_oracle import CASES, ORACLE
from test_recipes import RECIPES, bound, by_name

NATIVE = [recipe for recipe in RECIPES if "slicegraph" in yaml.safe_load(recipe.read_text())]

TECHNIQUES = {
    "solar": ["--base", "BASE"],
    "interleave": ["--a", "BASE", "--b", "TUNE", "--window", "4"],
    "splice": ["--a", "BASE", "--b", "TUNE"],
    "expand": ["--base", "BASE", "--every", "4"],
    "prune": ["--base", "BASE"],
    "blend": ["--a", "BASE", "--b", "TUNE", "--method", "slerp"],
}


@pytest.fixture(scope="module")
def validator() -> Draft202012Validator:
    schema = json.loads(suture.run("recipe", "schema").answer)
    Draft202012Validator.check_schema(schema)
    return Draft202012Validator(schema)


def printed(*arguments, cwd=None) -> str:
    """What `suture recipe …` prints when all is well."""
    outcome = suture.run("recipe", *arguments, cwd=cwd)
    assert outcome.code == 0, str(outcome)
    return outcome.answer


def essence(plan: dict) -> dict:
    """What a plan would write, apart from what it is called."""
    return {key: plan[key] for key in ("layers", "parameters", "tensors", "shards", "config")}


@pytest.mark.parametrize("recipe", NATIVE, ids=by_name)
def test_a_published_recipe_satisfies_the_schema(recipe, validator):
    validator.validate(yaml.safe_load(recipe.read_text()))


WRONG = {
    "unknown key": "slicegraph: 1\ninputs: {a: x/y}\ngraphs: {}\ngraph: {out: {slice: a}}",
    "no version": "inputs: {a: x/y}\ngraph: {out: {slice: a}}",
    "another version": "slicegraph: 2\ninputs: {a: x/y}\ngraph: {out: {slice: a}}",
    "no graph": "slicegraph: 1\ninputs: {a: x/y}",
    "two operators": "slicegraph: 1\ninputs: {a: x/y}\ngraph: {out: {slice: a, stack: [a]}}",
    "no operator": "slicegraph: 1\ninputs: {a: x/y}\ngraph: {out: {}}",
    "unknown operator": "slicegraph: 1\ninputs: {a: x/y}\ngraph: {out: {stuck: [a]}}",
    "unknown method": "slicegraph: 1\ninputs: {a: x/y}\ngraph: {out: {blend: {method: teis, inputs: [a, a]}}}",
    "blend of nothing": "slicegraph: 1\ninputs: {a: x/y}\ngraph: {out: {blend: {method: linear}}}",
    "layers in words": "slicegraph: 1\ninputs: {a: x/y}\ngraph: {out: {slice: a}}\nexpect: {layers: [3]}",
    "unknown dtype": "slicegraph: 1\ninputs: {a: x/y}\ngraph: {out: {slice: a}}\noutput: {dtype: bfloat}",
    "unknown output key": "slicegraph: 1\ninputs: {a: x/y}\ngraph: {out: {slice: a}}\noutput: {dtyp: bfloat16}",
    "item of two kinds": "slicegraph: 1\ninputs: {a: x/y}\ngraph: {out: {stack: [{from: a, do: [a]}]}}",
}


@pytest.mark.parametrize("fault", WRONG)
def test_schema_and_parser_refuse_alike(fault, validator, tmp_path):
    assert not validator.is_valid(yaml.safe_load(WRONG[fault]))
    outcome = suture.run("check", suture.written(WRONG[fault], tmp_path / "wrong"))
    assert outcome.code == 1, str(outcome)
    assert f"{tmp_path / 'wrong.yml'}:" in outcome.words, "the place is named"


@pytest.mark.parametrize("technique", TECHNIQUES)
def test_a_recipe_that_recipe_new_writes_is_valid_and_builds(technique, validator, tmp_path):
    models = {
        "BASE": suture.synthetic("llama?layers=8&hidden=32&vocab=64&seed=1"),
        "TUNE": suture.synthetic("llama?layers=8&hidden=32&vocab=64&seed=1&tune=1"),
    }
    text = printed("new", technique, *(models.get(word, word) for word in TECHNIQUES[technique]))
    validator.validate(yaml.safe_load(text))
    suture.build(text, tmp_path / "out")


@pytest.mark.parametrize("recipe", RECIPES, ids=by_name)
def test_the_expanded_form_is_the_same_plan_and_expands_no_further(recipe, validator, tmp_path):
    flat = printed("expand", recipe, *bound(recipe))
    validator.validate(yaml.safe_load(flat))
    file = suture.written(flat, tmp_path / "flat")
    assert printed("expand", file) == flat
    assert essence(suture.plan(file, file)) == essence(suture.plan(recipe, file, *bound(recipe)))


@pytest.mark.parametrize("case", CASES)
def test_a_mergekit_file_says_the_same_in_the_native_language(case, validator, tmp_path):
    original = ORACLE / "cases" / f"{case}.yml"
    native = suture.written(printed("convert", original, "--to", "native", cwd=ORACLE), tmp_path / "native")
    validator.validate(yaml.safe_load(native.read_text()))
    assert essence(suture.plan(native, native, cwd=ORACLE)) == essence(suture.plan(original, original, cwd=ORACLE))


@pytest.mark.parametrize("case", CASES)
def test_a_mergekit_file_comes_back_from_the_native_language(case, tmp_path):
    original = ORACLE / "cases" / f"{case}.yml"
    native = suture.written(printed("convert", original, "--to", "native", cwd=ORACLE), tmp_path / "native")
    back = suture.written(printed("convert", native, "--to", "mergekit", cwd=ORACLE), tmp_path / "mergekit")
    assert yaml.safe_load(back.read_text())["merge_method"] == yaml.safe_load(original.read_text())["merge_method"]
    assert essence(suture.plan(back, back, cwd=ORACLE)) == essence(suture.plan(original, original, cwd=ORACLE))


def test_what_mergekit_cannot_say_is_named_and_nothing_is_printed(tmp_path):
    recipe = """\
slicegraph: 1
inputs: {a: "synthetic:llama?layers=4", b: "synthetic:llama?layers=4&seed=1"}
graph: {out: {stack: ["a[0:2]", "b[2:4]"]}}
output: {ends: {embed: b}}
"""
    outcome = suture.run("recipe", "convert", suture.written(recipe, tmp_path / "r"), "--to", "mergekit")
    assert outcome.code == 1
    assert outcome.answer == ""
    assert "'ends'" in outcome.words


def test_the_list_names_every_recipe_and_what_it_asks_for():
    listed = {entry["name"]: entry for entry in json.loads(printed("list", "--json", cwd=suture.REPOSITORY))}
    assert {Path(entry["path"]).name for entry in listed.values()} == {recipe.name for recipe in RECIPES}
    for recipe in NATIVE:
        said = yaml.safe_load(recipe.read_text())
        assert listed[said["name"]]["description"] == said["description"]
        assert len(listed[said["name"]]["inputs"]) == len(said["inputs"])
        assert len(listed[said["name"]]["parameters"]) == len(said.get("params", {}))


def test_a_listed_recipe_is_found_by_its_name(tmp_path, monkeypatch):
    folder = tmp_path / "mine"
    folder.mkdir()
    (folder / "half.yml").write_text('slicegraph: 1\nname: half\ninputs: {base: {}}\ngraph: {out: {slice: "base[:2]"}}\n')
    monkeypatch.setenv("SUTURE_RECIPES", str(folder))
    assert "half" in printed("list", cwd=tmp_path)
    outcome = suture.run(
        "plan", "half", "--input", "base=synthetic:llama?layers=4", "--format", "json", cwd=tmp_path
    )
    assert outcome.code == 0, str(outcome)
    assert json.loads(outcome.answer)["layers"] == 2

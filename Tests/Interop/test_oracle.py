"""mergekit's own configs, as mergekit was given them, built with --compat: the numbers that each release wrote."""

import json
from pathlib import Path

import numpy as np
import pytest
import yaml

import checkpoints
import suture

ORACLE = suture.REPOSITORY / "Tests" / "Fixtures" / "oracle"
CASES = sorted(path.stem for path in (ORACLE / "cases").glob("*.yml"))
VERSIONS = ["0.1.4", "0.1.5"]
REFUSED = json.loads((ORACLE / "refused.json").read_text())


def settings(case: str) -> dict:
    return yaml.safe_load((ORACLE / "cases" / f"{case}.yml").read_text())


def merged(cases: list[str]) -> list[tuple[str, str]]:
    """The cases with each release that merges them."""
    return [(case, version) for version in VERSIONS for case in cases if case not in REFUSED[version]]


PASSTHROUGH = [case for case in CASES if settings(case)["merge_method"] == "passthrough"]
ARITHMETIC = [case for case in CASES if case not in PASSTHROUGH]


def expected(case: str, version: str, suffix: str = "safetensors") -> Path:
    """What a release wrote; where the newer wrote what the older did, it is kept once."""
    own = ORACLE / f"expected-{version}" / f"{case}.{suffix}"
    return own if own.exists() else ORACLE / "expected" / f"{case}.{suffix}"


def compat(version: str | None) -> list[str]:
    return ["--compat", f"mergekit-{version}"] if version else []


def built(case: str, folder: Path, version: str | None):
    """The tensors of a case as Suture builds it; models lie where the working folder says."""
    suture.build(ORACLE / "cases" / f"{case}.yml", folder, *compat(version), cwd=ORACLE)
    return checkpoints.read(folder)


def test_all_cases_are_there():
    assert len(CASES) == 60
    assert len(PASSTHROUGH) == 4
    assert [len(REFUSED[version]) for version in VERSIONS] == [4, 0]


@pytest.mark.parametrize("version", [None, *VERSIONS])
@pytest.mark.parametrize("case", PASSTHROUGH)
def test_a_passthrough_case_is_equal_byte_for_byte(case, version, tmp_path):
    if not version and case == "passthrough-bf16-to-f32":
        pytest.skip("mergekit rounds to dtype on the way to a wider out_dtype, and the documented numbers do not")
    found = built(case, tmp_path / "out", version)
    checkpoints.assert_same_tensors(found, checkpoints.read_file(expected(case, version or "0.1.4")))


def test_bug_compatible_means_the_newest_release(tmp_path):
    case = ORACLE / "cases" / "linear-bf16.yml"
    for flag in (["--bug-compatible"], ["--bug-compatible", *compat("0.1.5")]):
        folder = suture.build(case, tmp_path / str(len(flag)), *flag, cwd=ORACLE)
        checkpoints.assert_same_tensors(checkpoints.read(folder), checkpoints.read_file(expected("linear-bf16", "0.1.5")))
    both = suture.run("build", case, "-o", tmp_path / "both", "--bug-compatible", *compat("0.1.4"), cwd=ORACLE)
    assert both.code == 64 and "--bug-compatible means --compat mergekit-0.1.5" in both.words


# What mergekit stores where a file names no dtype, or not the one that is stored.
DTYPES = {
    "arcee-fusion-bf16": ("F32", "BF16"),
    "passthrough-bf16-to-f32": ("F32", "F32"),
    "task-arithmetic-bf16-to-f32": ("F32", "F32"),
    "task-arithmetic-f32-onto-bf16": ("BF16", "BF16"),
    "slerp-mixed": ("BF16", "F32"),
}

# From 0.1.5 on, the dtype that holds what all models hold.
NEWER_DTYPES = {"task-arithmetic-f32-onto-bf16": "F32", "slerp-mixed": "F32"}


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("case", DTYPES)
def test_dtypes_are_mergekits_where_its_numbers_are_asked_for(case, version, tmp_path):
    theirs, ours = DTYPES[case]
    if version == "0.1.5":
        theirs = NEWER_DTYPES.get(case, theirs)
    wanted = checkpoints.read_file(expected(case, version))
    found = built(case, tmp_path / "theirs", version)
    assert {tensor.dtype for tensor in found.values()} == {tensor.dtype for tensor in wanted.values()} == {theirs}
    assert {tensor.dtype for tensor in built(case, tmp_path / "ours", None).values()} == {ours}


def elements_far_apart(found: checkpoints.Tensor, expected: checkpoints.Tensor) -> set[int]:
    """Those more than 4 millionths of the largest value apart; of 16-bit dtypes, more than 4 steps."""
    if expected.dtype == "F32":
        a, b = (tensor.numbers.astype(np.float64).ravel() for tensor in (found, expected))
        apart = ~(np.abs(a - b) <= 4e-6 * np.abs(b).max())
    else:
        apart = np.abs(steps(found) - steps(expected)) > 4
    # Where mergekit divides by zero, so does --compat.
    nothing = [np.isnan(tensor.numbers.astype(np.float32)).ravel() for tensor in (found, expected)]
    return set(np.flatnonzero(np.where(nothing[1], ~nothing[0], apart)).tolist())


def steps(tensor: checkpoints.Tensor) -> np.ndarray:
    """The place of each 16-bit number among all numbers of its dtype."""
    bits = np.frombuffer(tensor.data, np.uint16).astype(int)
    return np.where(bits & 0x8000, -(bits & 0x7FFF), bits)


# At the threshold to the last bit of a logarithm.
NEARLY = {("arcee-fusion-bf16", "model.layers.1.mlp.up_proj.weight"): {842}}


# Methods without sums over tensors, whose order torch decides: every number is the same.
EXACT = {"linear", "task_arithmetic", "ties", "breadcrumbs", "breadcrumbs_ties", "dare_linear", "dare_ties", "nearswap"}


def is_exact(case: str) -> bool:
    recipe = settings(case)
    return recipe["merge_method"] in EXACT and not recipe.get("parameters", {}).get("rescale")


# Models of several dtypes, each rounded in its own by this release, which is not done here.
LACKING = {("model-stock-mixed", "0.1.4"), ("nuslerp-mixed", "0.1.4")}


@pytest.mark.parametrize("case, version", [pair for pair in merged(ARITHMETIC) if pair not in LACKING])
def test_a_case_agrees_within_rounding(case, version, tmp_path):
    found, wanted = built(case, tmp_path / "out", version), checkpoints.read_file(expected(case, version))
    assert sorted(found) == sorted(wanted)
    for name, tensor in wanted.items():
        assert (found[name].dtype, found[name].shape) == (tensor.dtype, tensor.shape), name
        far = elements_far_apart(found[name], tensor) - NEARLY.get((case, name), set())
        assert not far, f"{name}: {len(far)} of {tensor.shape} differ, such as {sorted(far)[:3]}"
        if is_exact(case):
            a, b = (numbers.numbers.astype(np.float32) for numbers in (found[name], tensor))
            assert np.array_equal(a, b, equal_nan=True), name


REFUSALS = sorted(LACKING | {(case, version) for version in VERSIONS for case in REFUSED[version]})


@pytest.mark.parametrize("case, version", REFUSALS)
def test_what_cannot_be_had_as_a_release_has_it_is_said(case, version, tmp_path):
    recipe = ORACLE / "cases" / f"{case}.yml"
    planned = suture.run("plan", recipe, *compat(version), cwd=ORACLE)
    assert planned.code == 0 and "[not-as-mergekit]" in planned.words, str(planned)
    found = built(case, tmp_path / "out", version)
    plain = built(case, tmp_path / "plain", None)
    assert {name: tensor.shape for name, tensor in found.items()} == {n: tensor.shape for n, tensor in plain.items()}
    assert all(np.isfinite(tensor.numbers.astype(np.float32)).all() for tensor in found.values())
    if case not in REFUSED["0.1.5"]:
        newer = suture.run("plan", recipe, *compat("0.1.5"), cwd=ORACLE)
        assert newer.code == 0 and "[not-as-mergekit]" not in newer.words, str(newer)


@pytest.mark.parametrize("case, version", merged(CASES))
def test_the_config_says_what_mergekits_says(case, version, tmp_path):
    folder = suture.build(ORACLE / "cases" / f"{case}.yml", tmp_path / "out", *compat(version), cwd=ORACLE)
    ours, theirs = checkpoints.config(folder), json.loads(expected(case, version, "config.json").read_text())
    # mergekit has transformers write the config anew; what the models' own files say is compared.
    theirs |= {"rope_theta": theirs["rope_parameters"]["rope_theta"], "torch_dtype": theirs["dtype"]}
    assert ours == {key: theirs[key] for key in ours}


def test_methods_say_as_json_what_each_release_computes():
    methods = {method["name"]: method for method in json.loads(suture.run("methods", "--json").answer)}
    assert methods["linear"]["paper"] == "https://arxiv.org/abs/2203.05482"
    (outliers,) = [d for d in methods["breadcrumbs"]["decisions"] if d["id"] == "breadcrumbs-no-outliers"]
    assert outliers["mergekit-0.1.4"]["reproduced"] and outliers["mergekit-0.1.5"] is None
    (one,) = json.loads(suture.run("methods", "ties", "--json").answer)
    assert one == methods["ties"] and any(d["id"] == "nothing-kept" for d in one["decisions"])

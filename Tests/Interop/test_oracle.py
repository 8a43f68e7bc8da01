"""mergekit's own configs, as mergekit was given them, built with --bug-compatible: the numbers that mergekit wrote."""

import json
from pathlib import Path

import numpy as np
import pytest
import yaml

import checkpoints
import suture

ORACLE = suture.REPOSITORY / "Tests" / "Fixtures" / "oracle"
CASES = sorted(path.stem for path in (ORACLE / "cases").glob("*.yml"))


def settings(case: str) -> dict:
    return yaml.safe_load((ORACLE / "cases" / f"{case}.yml").read_text())


PASSTHROUGH = [case for case in CASES if settings(case)["merge_method"] == "passthrough"]
ARITHMETIC = [case for case in CASES if case not in PASSTHROUGH]


def built(case: str, folder: Path, *arguments):
    """The tensors of a case as Suture builds it and as mergekit did; models lie where the working folder says."""
    suture.build(ORACLE / "cases" / f"{case}.yml", folder, *arguments, cwd=ORACLE)
    return checkpoints.read(folder), checkpoints.read_file(ORACLE / "expected" / f"{case}.safetensors")


def test_all_cases_are_there():
    assert len(CASES) == 49
    assert len(PASSTHROUGH) == 4


@pytest.mark.parametrize("flags", [[], ["--bug-compatible"]], ids=["plain", "bug-compatible"])
@pytest.mark.parametrize("case", PASSTHROUGH)
def test_a_passthrough_case_is_equal_byte_for_byte(case, flags, tmp_path):
    if not flags and case == "passthrough-bf16-to-f32":
        pytest.skip("mergekit rounds to dtype on the way to a wider out_dtype, and the documented numbers do not")
    found, expected = built(case, tmp_path / "out", *flags)
    checkpoints.assert_same_tensors(found, expected)


# What mergekit stores where a file names no dtype, or not the one that is stored.
DTYPES = {
    "arcee-fusion-bf16": ("F32", "BF16"),
    "passthrough-bf16-to-f32": ("F32", "F32"),
    "task-arithmetic-bf16-to-f32": ("F32", "F32"),
    "task-arithmetic-f32-onto-bf16": ("BF16", "BF16"),
    "slerp-mixed": ("BF16", "F32"),
}


@pytest.mark.parametrize("case", DTYPES)
def test_dtypes_are_mergekits_where_its_numbers_are_asked_for(case, tmp_path):
    theirs, ours = DTYPES[case]
    found, expected = built(case, tmp_path / "theirs", "--bug-compatible")
    assert {tensor.dtype for tensor in found.values()} == {tensor.dtype for tensor in expected.values()} == {theirs}
    found, _ = built(case, tmp_path / "ours")
    assert {tensor.dtype for tensor in found.values()} == {ours}


def elements_far_apart(found: checkpoints.Tensor, expected: checkpoints.Tensor) -> set[int]:
    """Those more than 4 millionths of the largest value apart; of 16-bit dtypes, more than 4 steps."""
    if expected.dtype == "F32":
        a, b = (tensor.numbers.astype(np.float64).ravel() for tensor in (found, expected))
        apart = ~(np.abs(a - b) <= 4e-6 * np.abs(b).max())
    else:
        apart = np.abs(steps(found) - steps(expected)) > 4
    # Where mergekit divides by zero, so does --bug-compatible.
    nothing = [np.isnan(tensor.numbers.astype(np.float32)).ravel() for tensor in (found, expected)]
    return set(np.flatnonzero(np.where(nothing[1], ~nothing[0], apart)).tolist())


def steps(tensor: checkpoints.Tensor) -> np.ndarray:
    """The place of each 16-bit number among all numbers of its dtype."""
    bits = np.frombuffer(tensor.data, np.uint16).astype(int)
    return np.where(bits & 0x8000, -(bits & 0x7FFF), bits)


def tied_elements(case: str, name: str) -> set[int]:
    """Elements of a TIES merge whose task vector is as large, in bf16, as one across the edge of what is kept.

    Which of them are kept is nobody's decision: mergekit leaves it to torch.
    """
    if (case, name) == ("arcee-fusion-bf16", "model.layers.1.mlp.up_proj.weight"):
        return {842}  # at the threshold to the last bit of a logarithm
    recipe = settings(case)
    if recipe["merge_method"] != "ties" or recipe.get("dtype") != "bfloat16":
        return set()
    base = numbers(recipe["base_model"], name)
    tied = set()
    for model in recipe["models"]:
        size = np.abs(numbers(model["model"], name) - base).astype(np.float32)
        kept = int(model["parameters"]["density"] * size.size)
        order = np.sort(size)[::-1]
        if order[kept - 1] == order[kept]:
            tied |= set(np.flatnonzero(size == order[kept]).tolist())
    return tied


def numbers(model: str, name: str) -> np.ndarray:
    return checkpoints.read_file(ORACLE / model / "model.safetensors")[name].numbers.ravel()


@pytest.mark.parametrize("case", ARITHMETIC)
def test_a_case_agrees_within_rounding(case, tmp_path):
    found, expected = built(case, tmp_path / "out", "--bug-compatible")
    assert sorted(found) == sorted(expected)
    for name, tensor in expected.items():
        assert (found[name].dtype, found[name].shape) == (tensor.dtype, tensor.shape), name
        far = elements_far_apart(found[name], tensor)
        tied = tied_elements(case, name)
        assert not far - tied, f"{name}: {len(far - tied)} of {tensor.shape} differ, such as {sorted(far - tied)[:3]}"


@pytest.mark.parametrize("case", CASES)
def test_the_config_says_what_mergekits_says(case, tmp_path):
    folder = suture.build(ORACLE / "cases" / f"{case}.yml", tmp_path / "out", "--bug-compatible", cwd=ORACLE)
    ours, theirs = checkpoints.config(folder), json.loads((ORACLE / "expected" / f"{case}.config.json").read_text())
    # mergekit has transformers write the config anew; what the models' own files say is compared.
    theirs |= {"rope_theta": theirs["rope_parameters"]["rope_theta"], "torch_dtype": theirs["dtype"]}
    assert ours == {key: theirs[key] for key in ours}

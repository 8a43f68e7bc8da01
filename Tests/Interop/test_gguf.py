"""What Suture makes of GGUF files, read by gguf-py, which also writes them."""

import gguf
import numpy as np
import pytest
import suture


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    """A llama of 4 layers, quantized by gguf-py."""
    path = tmp_path_factory.mktemp("gguf") / "tiny-Q8_0.gguf"
    writer = gguf.GGUFWriter(path, "llama")
    writer.add_block_count(4)
    writer.add_context_length(128)
    writer.add_embedding_length(32)
    writer.add_feed_forward_length(64)
    writer.add_head_count(4)
    writer.add_head_count_kv(2)
    writer.add_layer_norm_rms_eps(1e-5)
    writer.add_tokenizer_model("gpt2")
    writer.add_token_list([f"t{i}" for i in range(40)])
    numbers = np.random.default_rng(1)
    shapes = {"attn_q": (32, 32), "attn_k": (16, 32), "attn_v": (16, 32), "attn_output": (32, 32)}
    shapes |= {"ffn_gate": (64, 32), "ffn_up": (64, 32), "ffn_down": (32, 64)}

    def add(name, shape):
        values = numbers.standard_normal(shape, np.float32)
        if len(shape) == 1:
            return writer.add_tensor(name, values)
        kind = gguf.GGMLQuantizationType.Q8_0
        writer.add_tensor(name, gguf.quants.quantize(values, kind), raw_dtype=kind)

    add("token_embd.weight", (40, 32))
    for layer in range(4):
        add(f"blk.{layer}.attn_norm.weight", (32,))
        add(f"blk.{layer}.ffn_norm.weight", (32,))
        for name, shape in shapes.items():
            add(f"blk.{layer}.{name}.weight", shape)
    add("output_norm.weight", (32,))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return path


def tensors(*paths):
    return {t.name: (t.tensor_type, list(t.shape), t.data.tobytes()) for p in paths for t in gguf.GGUFReader(p).tensors}


def test_a_stack_is_the_layers_of_its_source(model, tmp_path):
    recipe = "slicegraph: 1\ninputs: {x: {}}\ngraph: {out: {stack: ['x[0:3]', 'x[1:4]']}}\n"
    made = suture.build(recipe, tmp_path / "out", "--input", f"x={model}")
    source, result = tensors(model), tensors(made / "model.gguf")
    assert len(result) == len(source) + 2 * 9
    for place, layer in enumerate([0, 1, 2, 1, 2, 3]):
        for name in [n for n in source if n.startswith(f"blk.{layer}.")]:
            assert result[name.replace(f"blk.{layer}.", f"blk.{place}.")] == source[name]
    fields = gguf.GGUFReader(made / "model.gguf").fields
    assert fields["llama.block_count"].contents() == 6
    assert fields["tokenizer.ggml.tokens"].contents() == [f"t{i}" for i in range(40)]


def test_a_split_output_is_named_and_counted_as_llama_cpp_has_it(model, tmp_path):
    recipe = "slicegraph: 1\ninputs: {x: {}}\ngraph: {out: {slice: x}}\n"
    made = suture.build(recipe, tmp_path / "out", "--input", f"x={model}", "--shard-size", "20KB")
    parts = sorted(made.glob("*.gguf"))
    assert len(parts) > 1
    for number, part in enumerate(parts):
        assert part.name == f"model-{number + 1:05d}-of-{len(parts):05d}.gguf"
        fields = gguf.GGUFReader(part).fields
        assert fields["split.no"].contents() == number and fields["split.count"].contents() == len(parts)
    assert tensors(*parts) == tensors(model)

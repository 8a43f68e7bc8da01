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


READ = ["Q4_0", "Q4_1", "Q5_0", "Q5_1", "Q8_0", "Q2_K", "Q3_K", "Q4_K", "Q5_K", "Q6_K", "IQ4_NL", "IQ4_XS", "MXFP4"]
READ += ["F32", "F16", "BF16"]
WRITTEN = ["Q4_0", "Q4_1", "Q5_0", "Q5_1", "Q8_0", "F16", "BF16"]
SCALES = {"Q2_K": [80, 82], "Q3_K": [108], "Q6_K": [208], "MXFP4": [-1]}


def one_matrix(path, values, kind):
    """A model of one layer whose matrices are all the same numbers."""
    writer = gguf.GGUFWriter(path, "llama")
    writer.add_block_count(1)
    writer.add_context_length(128)
    writer.add_embedding_length(512)
    writer.add_feed_forward_length(64)
    writer.add_head_count(4)
    writer.add_layer_norm_rms_eps(1e-5)
    writer.add_tokenizer_model("gpt2")
    writer.add_token_list([f"t{i}" for i in range(64)])
    for name in ["token_embd", "output", "blk.0.ffn_gate", "blk.0.ffn_up"]:
        writer.add_tensor(name + ".weight", values, raw_dtype=kind)
    for name in ["output_norm", "blk.0.attn_norm", "blk.0.ffn_norm"]:
        writer.add_tensor(name + ".weight", np.ones(512, np.float32))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return path


@pytest.mark.parametrize("name", READ)
def test_numbers_are_read_as_gguf_py_reads_them(name, tmp_path):
    kind = gguf.GGMLQuantizationType[name]
    elements, size = gguf.GGML_QUANT_SIZES[kind]
    numbers = np.random.default_rng(3)
    data = numbers.integers(0, 256, (64, 512 // elements, size), np.uint8)
    # Scales of random bits would be no numbers now and then.
    usual = [0, 2] if name in ("Q4_1", "Q5_1", "Q4_K", "Q5_K") else [0]
    uppers = [size - 1] if elements == 1 else [place + 1 for place in SCALES.get(name, usual)]
    data[:, :, uppers] &= 0xBF
    data = data.reshape(64, -1)
    model = one_matrix(tmp_path / "x.gguf", data, kind)
    recipe = "slicegraph: 1\ninputs: {x: {}}\ngraph: {out: {slice: x}}\noutput: {dtype: float32}\n"
    made = suture.build(recipe, tmp_path / "out", "--input", f"x={model}")
    expected = np.ascontiguousarray(gguf.quants.dequantize(data, kind), np.float32)
    assert tensors(made / "model.gguf")["blk.0.ffn_up.weight"] == (0, [512, 64], expected.tobytes())


@pytest.mark.parametrize("name", WRITTEN)
def test_numbers_are_written_as_gguf_py_writes_them(name, tmp_path):
    kind = gguf.GGMLQuantizationType[name]
    values = np.random.default_rng(4).standard_normal((64, 512)).astype(np.float32) ** 3
    model = one_matrix(tmp_path / "x.gguf", values, gguf.GGMLQuantizationType.F32)
    called = {"F16": "float16", "BF16": "bfloat16"}.get(name, name.lower())
    recipe = f"slicegraph: 1\ninputs: {{x: {{}}}}\ngraph: {{out: {{slice: x}}}}\noutput: {{dtype: {called}}}\n"
    made = suture.build(recipe, tmp_path / "out", "--input", f"x={model}")
    result = tensors(made / "model.gguf")
    assert result["blk.0.ffn_up.weight"][2] == np.ascontiguousarray(gguf.quants.quantize(values, kind)).tobytes()
    assert result["blk.0.attn_norm.weight"][0] == 0


@pytest.mark.parametrize("name", ["Q8_0", "Q4_0"])
def test_a_blend_of_packed_models_is_what_gguf_py_makes_of_their_numbers(name, tmp_path):
    kind = gguf.GGMLQuantizationType[name]
    numbers = np.random.default_rng(5)
    models, read = [], []
    for each in "ab":
        data = gguf.quants.quantize(numbers.standard_normal((64, 512)).astype(np.float32), kind)
        models += ["--input", f"{each}={one_matrix(tmp_path / (each + '.gguf'), data, kind)}"]
        read.append(gguf.quants.dequantize(data, kind))
    blend = "blend: {method: linear, inputs: [a, b], params: {weight: 0.5}}"
    recipe = f"slicegraph: 1\ninputs: {{a: {{}}, b: {{}}}}\ngraph: {{out: {{{blend}}}}}\noutput: {{dtype: {name.lower()}}}\n"
    made = suture.build(recipe, tmp_path / "out", *models)
    half = np.float32(0.5)
    expected = gguf.quants.quantize(half * read[0] + half * read[1], kind)
    assert tensors(made / "model.gguf")["blk.0.ffn_up.weight"][2] == np.ascontiguousarray(expected).tobytes()

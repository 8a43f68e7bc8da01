"""Every family that transformers builds on the meta device, cut in ways that break its periods.

    python families.py LIST.json [--only llama,jamba] [--minimal | --generic] [--jobs 2] [--out table.tsv]

LIST.json names the families: objects with `model_type`, `model_class`, `task`, `variant` and, under `stacks`, the
keys that count their layers. Needs torch and transformers; takes minutes, so no test run starts it. It prints family
by operation: pass, refused (with the reason) or wrong; exit 1 where a row is wrong.

The second model, `b`, is deeper than the first, and its lists of one value a layer are turned by one where the class
allows it: a value that comes from the wrong model, or from a pattern instead of the layer, is seen.
"""

import argparse
import json
import re
import subprocess
import sys
import tempfile
import warnings
from collections import Counter
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))
sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import forward  # noqa: E402
import models  # noqa: E402
import origins  # noqa: E402
import suture  # noqa: E402

DEPTH = 8
DEEPER = DEPTH + 2
EXPERTS = 16
EXPERT_KEYS = [
    "num_experts", "num_local_experts", "n_routed_experts", "moe_num_experts", "num_routed_experts", "moe_expert_count",
]


# What a class leaves open, or fits only the depth of the released model.
HINTS = {
    "mllama": {"text_config": {"cross_attention_layers": [3]}},
    "esm": {"vocab_size": 33, "pad_token_id": 1},
    "reformer": {"is_decoder": True, "attn_layers": ["local", "lsh"] * 4},
    "lfm2_moe": {"layer_types": ["conv", "conv", "full_attention", "conv", "conv", "full_attention", "conv", "conv"]},
    "hunyuan_v1_dense": {"head_dim": 128},
    "hunyuan_v1_moe": {"head_dim": 128},
    "ministral": {"head_dim": 128},
    "nemotron": {"num_key_value_heads": 8},
    "moonshine_streaming": {"num_key_value_heads": 8},
    "nemotron_h": {"layers_block_type": ["linear_attention", "moe", "full_attention", "mlp"] * 2},
    "nemotron_h_omni": {"text_config": {"layers_block_type": ["linear_attention", "moe", "full_attention", "mlp"] * 2}},
    "nemo_speechlm": {"text_config": {"layers_block_type": ["linear_attention", "moe", "full_attention", "mlp"] * 2}},
    "mllama_text_model": {"cross_attention_layers": [3]},
    "dots1": {"n_routed_experts": 16, "n_shared_experts": 1},
}

# What a family's second row in the list is built with.
VARIANTS = {
    "cohere qk": {"use_qk_norm": True},
    "falcon rw": {"new_decoder_architecture": False, "parallel_attn": False, "bias": True, "alibi": True},
    "falcon new": {"new_decoder_architecture": True},
    "gpt2 cross": {"add_cross_attention": True},
    "lfm2 mix": {"full_attn_idxs": [2, 5]},
    "llama bias": {"attention_bias": True, "mlp_bias": True},
    "phi qk": {"qk_layernorm": True},
    "stablelm par": {"use_parallel_residual": True, "qk_layernorm": True},
    "bamba mix": {"attn_layer_indices": [3, 6]},
    "doge moe": {"is_moe": True},
    "nemotron_h mix": {"layers_block_type": ["linear_attention", "moe", "full_attention", "mlp"] * 2},
}


def operations(depth: int) -> dict[str, str]:
    """Recipes whose cuts fit no period that is shorter than the model: layers move by 3 and by 4, by 1, and apart."""
    woven = ", ".join(f'"a[{layer}]", "b[{layer + 1}]"' for layer in range(depth - 1))
    return {
        "up-scaled": f'stack: ["a[0:5]", "a[2:{depth - 1}]", "a[{depth - 2}:{depth}]"]',
        "pruned": f'stack: ["a[0:1]", "a[2:{depth}]"]',
        "interleaved": f"stack: [{woven}]",
        "spliced": f'splice: {{onto: a, take: [{{where: [attn.*, norm.attn, norm.attn_post], from: "b[1:{depth}, 0]"}}]}}',
    }


RECIPE = """\
slicegraph: 1
name: cut
inputs: {{a: "{a}", b: "{b}"}}
graph:
  out: {{{operation}}}
"""


@dataclass
class Source:
    """A model that layers come from."""

    model: object
    config: object  # as its file is read
    depth: int
    names: dict  # of its families, where they are kept from suture


def row(entry: dict, minimal: bool, generic: bool = False) -> list[tuple[str, str, str]]:
    """What came of each operation on one family: the operation, the verdict and what there is to say."""
    warnings.filterwarnings("ignore")
    entry = entry | {"family": models.family_of(entry["model_class"], entry["model_type"])}
    with tempfile.TemporaryDirectory() as folder:
        try:
            sources = make(entry, Path(folder), minimal, generic)
        except Exception as error:  # transformers, not us
            return [("all", "unbuildable", short(error))]
        answers = []
        for name, operation in operations(sources["a"].depth).items():
            try:
                verdict, words = attempt(entry, sources, name, operation, Path(folder))
            except Exception as error:  # whatever broke, nothing was proven
                verdict, words = "wrong", "not compared: " + short(error)
            answers.append((name, verdict, words))
        return answers


# MARK: The sources


def make(entry: dict, folder: Path, minimal: bool, generic: bool = False) -> dict[str, Source]:
    """Writes the family's two sources."""
    class_name = entry["model_class"]
    first = None
    for settings in candidates(entry, DEPTH):
        try:
            model = models.build(class_name, models.settings_of(entry["family"], settings))
            break
        except Exception as error:
            first = first or error
    else:
        raise models.Unbuildable(short(first))
    sources = {"a": (model, settings), "b": other(entry, model, settings, minimal)}
    made = {}
    for name, (model, settings) in sources.items():
        full = json.loads(model.config.to_json_string(use_diff=True))
        text = settings | {"model_type": entry["family"]} if minimal else full
        shown, names = models.masked(text) if generic else (text, {})
        models.write(folder / name, models.stored(model), shown | {"architectures": [class_name]})
        depth = depth_in(models.stored(model), entry) or depth_of(model.config)
        depth = depth if depth > 3 else DEPTH  # of weights that layers share there is but one
        made[name] = Source(model, models.settings_of(text["model_type"], text), depth, names)
    return made


def other(entry: dict, model, settings: dict, minimal: bool):
    """A deeper model with its lists turned by one; what of that the class does not allow is left out."""
    deeper = next((one for one in candidates(entry, DEEPER)), settings) if settings != {} else settings
    for depth, choice in ((DEEPER, deeper), (DEPTH, settings)):
        try:
            plain = models.build(entry["model_class"], models.settings_of(entry["family"], choice))
        except Exception:
            continue
        if minimal:
            return plain, choice
        try:
            turned = models.turned(json.loads(plain.config.to_json_string(use_diff=False)), depth)
            return models.build(entry["model_class"], models.settings_of(entry["family"], turned)), choice
        except Exception:
            return plain, choice
    return model, settings


def depth_in(tensors: dict, entry: dict) -> int | None:
    """The layers of the stack that surgery works on, counted in the names of its tensors."""
    prefix = origins.main_prefix(entry)
    numbers = [found[1] for name in tensors if (found := re.match(re.escape(prefix) + r"\.(\d+)\.", name))]
    return max(map(int, numbers)) + 1 if numbers else None


def depth_of(config) -> int:
    """The layers of a family that is built as its class has it."""
    text = config.get_text_config(decoder=True)
    for key in ("num_hidden_layers", "decoder_layers", "num_layers", "n_layer", "num_blocks"):
        if isinstance(count := getattr(text, key, None), int) and count > 3:
            return count
    raise models.Unbuildable("its class does not say how many layers it has")


def candidates(entry: dict, depth: int):
    """Settings to try, the smallest model first."""
    counts = {}
    for stack in entry["stacks"]:
        key = stack.get("count_key")
        if stack["main"] and key and not key.startswith("len("):
            if entry["family"] != entry["model_type"]:
                key = key.removeprefix("text_config.")
            counts = models.merged(counts, models.nested(key, depth))
    plain = models.settings_of(entry["family"], {}).to_dict() if counts else {}
    few = {}
    for path in [[], ["text_config"], ["llm_config"]]:
        scope = plain
        for key in path:
            scope = scope.get(key) or {}
        for key in EXPERT_KEYS:
            if isinstance(scope, dict) and isinstance(scope.get(key), int) and scope[key] > EXPERTS:
                few = models.merged(few, models.nested(".".join([*path, key]), EXPERTS))
    own = models.merged(HINTS.get(entry["family"], {}), VARIANTS.get(f"{entry['model_type']} {entry['variant']}", {}))
    own = models.lengthened(own, DEPTH, depth)
    yield models.merged(models.merged(counts, few), own)
    yield models.merged(counts, own)
    if not own:
        yield {}


# MARK: The outputs


def attempt(entry, sources, name, operation, folder: Path) -> tuple[str, str]:
    recipe = folder / f"{name}.yml"
    recipe.write_text(RECIPE.format(a=folder / "a", b=folder / "b", operation=operation))
    try:
        outcome = suture.run("plan", recipe, "--format", "json")
    except subprocess.TimeoutExpired:
        return "wrong", "no plan in two minutes"
    answer = json.loads(outcome.answer) if outcome.answer.startswith("{") else {"diagnostics": []}
    if outcome.code == 1:
        errors = [d for d in answer["diagnostics"] if d["severity"] == "error"]
        return "refused", "; ".join(f"{d['code']}: {d['message']}" for d in errors) or outcome.words[:300]
    if outcome.code != 0:
        return "wrong", f"exit {outcome.code}: {outcome.words[-300:]}"
    told = sorted({d["code"] for d in answer["diagnostics"] if d["severity"] == "warning"})
    faults, ran = compare(entry, sources, answer)
    if "layer-number-matters" in told:  # a draw by the layer's number is said to change
        faults = [fault for fault in faults if ".seed is" not in fault]
    return ("wrong", "; ".join(faults[:4])) if faults else ("pass", " ".join([ran, *told]))


def compare(entry, sources: dict[str, Source], plan: dict) -> tuple[list[str], str]:
    """What transformers expects of the output's config and does not find, and layers that are not their source's."""
    try:
        models.unmasked(plan["config"], sources["a"].names)
        config = models.settings_of(plan["config"]["model_type"], plan["config"])
        output = models.build(entry["model_class"], config)
    except Exception as error:
        return ["transformers refuses the config: " + short(error)], ""
    expected = models.stored(output)
    found = {tensor["name"]: tensor["shape"] for tensor in plan["tensors"]}
    faults = [f"missing {name}" for name in expected if name not in found]
    faults += [f"unexpected {name}" for name in found if name not in expected]
    faults += [
        f"{name} is {found[name]}, transformers wants {shape}"
        for name, (_, shape) in expected.items()
        if name in found and found[name] != shape
    ]
    moved = origins.Origins(plan, entry)
    if not moved.layers:
        return faults + ["no layer was moved"], ""
    count = plan["layers"]
    lists = {name: models.main_list(source.model, moved.prefix, source.depth) for name, source in sources.items()}
    layers = {name: models.layer_lists(source.model)[lists[name]] for name, source in sources.items()}
    own = {
        (name, number): models.traits(layer, source.depth)
        for name, source in sources.items()
        for number, layer in enumerate(layers[name])
    }
    place_of = models.main_list(output, moved.prefix, count)
    for place, layer in enumerate(models.layer_lists(output)[place_of]):
        faults += moved.differences(place, models.traits(layer, count), own)
    faults += moved.setting_faults(sources, config, count)
    heard = {name: forward.heard(source.model, lists[name]) for name, source in sources.items()}
    now = forward.heard(output, place_of)
    if now is None or None in heard.values():
        return faults, "" if now is None and heard["a"] is None else "(heard in part)"
    return faults + moved.heard_faults(heard, now), "heard"


def short(error) -> str:
    text = str(error).strip()
    return f"{type(error).__name__}: " + (text.splitlines()[-1] if text else "")[:200]


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("families", type=Path)
    parser.add_argument("--only", default="")
    parser.add_argument("--minimal", action="store_true", help="configs that leave out what the class knows")
    parser.add_argument("--generic", action="store_true", help="configs of families that suture does not know")
    parser.add_argument("--jobs", type=int, default=1)
    parser.add_argument("--out", type=Path)
    options = parser.parse_args()
    entries = json.loads(options.families.read_text())
    entries = entries["families"] if isinstance(entries, dict) else entries
    wanted = {name for name in options.only.split(",") if name}
    entries = [entry for entry in entries if not wanted or entry["model_type"] in wanted]
    totals: dict[str, Counter] = {}
    lines = []
    with ProcessPoolExecutor(options.jobs) as pool:
        kinds = [[options.minimal] * len(entries), [options.generic] * len(entries)]
        for entry, answers in zip(entries, pool.map(row, entries, *kinds)):
            for name, verdict, words in answers:
                totals.setdefault(name, Counter())[verdict] += 1
                totals[name]["heard"] += verdict == "pass" and words.startswith("heard")
                family = " ".join(filter(None, [entry["model_type"], entry["variant"]]))
                lines.append("\t".join([family, entry["task"], name, verdict, words]))
                if verdict != "pass" or wanted:
                    print(lines[-1], flush=True)
            if options.out:
                options.out.write_text("\n".join(lines) + "\n")
    print()
    for name, counts in totals.items():
        heard = counts.pop("heard", 0)
        print(f"{name:12}", ", ".join(f"{count} {verdict}" for verdict, count in counts.most_common()), f"({heard} heard)")
    return 1 if any(counts["wrong"] for counts in totals.values()) else 0


if __name__ == "__main__":
    sys.exit(main())

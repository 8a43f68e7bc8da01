"""Every family that transformers builds on the meta device, cut in ways that break its periods.

    python families.py LIST.json [--only llama,jamba] [--minimal] [--jobs 2] [--out table.tsv]

LIST.json names the families: objects with `model_type`, `model_class`, `task` and, under `stacks`, the keys that
count their layers. Needs torch and transformers; takes minutes, so no test run starts it. It prints family by
operation: pass, refused (with the reason) or wrong; exit 1 where a row is wrong.
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
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))
sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import models  # noqa: E402
import suture  # noqa: E402

DEPTH = 8
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
    "dots1": {"n_routed_experts": 16, "n_shared_experts": 1},
}


def operations(depth: int) -> dict[str, str]:
    """Recipes whose cuts fit no period that is shorter than the model."""
    last = depth
    interleaved = ", ".join(f'"{name}[{layer}]"' for layer in range(depth - 1) for name in ("a", "b"))
    woven = interleaved.replace('"b[', '"b[+')
    woven = re.sub(r"b\[\+(\d+)\]", lambda found: f"b[{int(found[1]) + 1}]", woven)
    return {
        "up-scaled": f'stack: ["a[0:{last - 2}]", "a[3:{last}]"]',
        "pruned": f'stack: ["a[0:1]", "a[2:{last}]"]',
        "interleaved": f"stack: [{woven}]",
        "spliced": f'splice: {{onto: a, take: [{{where: [attn.*, norm.attn, norm.attn_post], from: "b[1:{last}, 0]"}}]}}',
    }


RECIPE = """\
slicegraph: 1
name: cut
inputs: {{a: "{a}", b: "{b}"}}
graph:
  out: {{{operation}}}
"""


def row(entry: dict, minimal: bool) -> list[tuple[str, str, str]]:
    """What came of each operation on one family: the operation, the verdict and what there is to say."""
    warnings.filterwarnings("ignore")
    with tempfile.TemporaryDirectory() as folder:
        try:
            source, depth = make(entry, Path(folder), minimal)
        except Exception as error:  # transformers, not us
            return [("all", "unbuildable", short(error))]
        answers = []
        for name, operation in operations(depth).items():
            try:
                verdict, words = attempt(entry, source, depth, name, operation, Path(folder))
            except models.Unbuildable as error:
                verdict, words = "unbuildable", short(error)
            except Exception as error:  # whatever broke, nothing was proven
                verdict, words = "wrong", "not compared: " + short(error)
            answers.append((name, verdict, words))
        return answers


def make(entry: dict, folder: Path, minimal: bool):
    """Writes the family's two sources; gives its model and its depth."""
    family, class_name = entry["model_type"], entry["model_class"]
    first = None
    for settings in candidates(entry):
        try:
            config = models.settings_of(family, settings)
            model = models.build(class_name, config)
            break
        except Exception as error:
            first = first or error
    else:
        raise models.Unbuildable(short(first))
    full = json.loads(model.config.to_json_string(use_diff=True))
    text = (settings | {"model_type": family} if minimal else full) | {"architectures": [class_name]}
    for name in ("a", "b"):
        models.write(folder / name, models.stored(model), text)
    return model, depth_in(models.stored(model), entry) or depth_of(model.config)


def depth_in(tensors: dict, entry: dict) -> int | None:
    """The layers of the stack that surgery works on, counted in the names of its tensors."""
    mains = [stack["prefix"] for stack in entry["stacks"] if stack["main"]]
    prefix = next((name for name in mains if "decoder" in name), mains[0] if mains else "")
    numbers = [found[1] for name in tensors if (found := re.match(re.escape(prefix) + r"\.(\d+)\.", name))]
    return max(map(int, numbers)) + 1 if numbers else None


def depth_of(config) -> int:
    """The layers of a family that is built as its class has it."""
    text = config.get_text_config(decoder=True)
    for key in ("num_hidden_layers", "decoder_layers", "num_layers", "n_layer", "num_blocks"):
        if isinstance(count := getattr(text, key, None), int) and count > 3:
            return count
    raise models.Unbuildable("its class does not say how many layers it has")


def candidates(entry: dict):
    """Settings to try, the smallest model first."""
    counts = {}
    for stack in entry["stacks"]:
        key = stack.get("count_key")
        if stack["main"] and key and not key.startswith("len("):
            counts = models.merged(counts, models.nested(key, DEPTH))
    plain = models.settings_of(entry["model_type"], {}).to_dict() if counts else {}
    few = {}
    for path in [[], ["text_config"], ["llm_config"]]:
        scope = plain
        for key in path:
            scope = scope.get(key) or {}
        for key in EXPERT_KEYS:
            if isinstance(scope, dict) and isinstance(scope.get(key), int) and scope[key] > EXPERTS:
                few = models.merged(few, models.nested(".".join([*path, key]), EXPERTS))
    few = models.merged(few, HINTS.get(entry["model_type"], {}))
    yield models.merged(counts, few)
    yield counts
    yield {}


def attempt(entry, source, depth, name, operation, folder: Path) -> tuple[str, str]:
    recipe = folder / f"{name}.yml"
    recipe.write_text(RECIPE.format(a=folder / "a", b=folder / "b", operation=operation))
    try:
        outcome = suture.run("plan", recipe, "--format", "json")
    except subprocess.TimeoutExpired:
        return "wrong", "no plan in two minutes"
    answer = json.loads(outcome.answer) if outcome.answer.startswith("{") else {"diagnostics": []}
    if outcome.code == 1:
        errors = [d for d in answer["diagnostics"] if d["severity"] == "error"]
        return "refused", "; ".join(f"{d['code']}: {d['message']}" for d in errors[:1]) or outcome.words[:300]
    if outcome.code != 0:
        return "wrong", f"exit {outcome.code}: {outcome.words[-300:]}"
    told = sorted({d["code"] for d in answer["diagnostics"] if d["severity"] == "warning"})
    faults = compare(entry, source, depth, answer)
    if "layer-number-matters" in told:  # a draw by the layer's number is said to change
        faults = [fault for fault in faults if ".seed is" not in fault]
    return ("wrong", "; ".join(faults[:4])) if faults else ("pass", " ".join(told))


STORED = re.compile(r"^(\w+):(\S+)$")


def compare(entry, source, depth: int, plan: dict) -> list[str]:
    """What transformers expects of the output's config and does not find, and layers that are not their source's."""
    try:
        config = models.settings_of(plan["config"]["model_type"], plan["config"])
        output = models.build(entry["model_class"], config)
    except Exception as error:
        return ["transformers refuses the config: " + short(error)]
    expected = models.stored(output)
    found = {tensor["name"]: tensor["shape"] for tensor in plan["tensors"]}
    faults = [f"missing {name}" for name in expected if name not in found]
    faults += [f"unexpected {name}" for name in found if name not in expected]
    faults += [
        f"{name} is {found[name]}, transformers wants {shape}"
        for name, (_, shape) in expected.items()
        if name in found and found[name] != shape
    ]
    origins, prefix = layer_origins(plan)
    if not origins:
        return faults + ["no layer was moved"]
    count = plan["layers"]
    before = models.layer_lists(source)[models.main_list(source, prefix, depth)]
    after = models.layer_lists(output)[models.main_list(output, prefix, count)]
    own = [models.traits(layer, depth) for layer in before]
    halves = labels(entry, prefix)
    for place, layer in enumerate(after):
        faults += differences(place, models.traits(layer, count), own, origins.get(place, {}), halves)
    scopes = [(source.config, output.config)]
    if hasattr(source.config, "get_text_config"):
        scopes.append((source.config.get_text_config(decoder=True), output.config.get_text_config(decoder=True)))
    for one, other in scopes:
        old, new = models.per_layer_settings(one, depth), models.per_layer_settings(other, count)
        for key, values in new.items():
            for place, value in enumerate(values):
                wanted = {str(old[key][layer]) for layer in origins.get(place, {}).values()} if key in old else {str(value)}
                if str(value) not in wanted:
                    faults.append(f"{key}[{place}] is {value}, its layer had {wanted}")
                    break
    return faults


def layer_origins(plan: dict) -> tuple[dict[int, dict[str, int]], str]:
    """For each output layer: from which layer of its source each of its tensors comes; and what stands before the number."""
    runs = Counter()
    moved = []
    for tensor in plan["tensors"]:
        found = STORED.match(tensor["expression"])
        if not found:
            continue
        new, old = re.split(r"(?<=\.)(\d+)(?=\.)", tensor["name"]), re.split(r"(?<=\.)(\d+)(?=\.)", found[2])
        if len(new) < 3 or len(old) < 3:
            continue
        moved.append((new[0], int(new[1]), "".join(new[2:]), int(old[1])))
        runs[new[0]] += int(new[1]) != int(old[1])
    if not runs or not runs.most_common(1)[0][1]:
        return {}, ""
    prefix = runs.most_common(1)[0][0]
    origins: dict[int, dict[str, int]] = {}
    for start, place, suffix, layer in moved:
        if start == prefix:
            origins.setdefault(place, {})[suffix] = layer
    return origins, prefix.rstrip(".")


def labels(entry: dict, prefix: str) -> dict[str, str]:
    """The half of a layer that each of its modules belongs to."""
    halves = {}
    for stack in entry["stacks"]:
        if stack["prefix"] != prefix:
            continue
        for kind in stack["kinds"]:
            for half in ("attention", "mlp"):
                for suffix in kind.get(half, []):
                    halves[suffix.split(".")[0]] = half
    return halves


def differences(place: int, found: dict, own: list[dict], origins: dict[str, int], halves: dict[str, str]) -> list[str]:
    """What tells an output layer from the layers it comes from."""
    by_half = {"attention": Counter(), "mlp": Counter()}
    for suffix, layer in origins.items():
        by_half.get(halves.get(suffix.split(".")[0], "attention"), Counter())[layer] += 1
    everybody = set(origins.values())
    faults = []
    for key, value in found.items():
        module = key.split(".")[0] if "." in key else None
        half = halves.get(module)
        layers = set(by_half[half]) if half and by_half[half] else everybody
        values = {str(own[layer].get(key, "nothing")) for layer in layers if layer < len(own)}
        if str(value) not in values:
            faults.append(f"layer {place}: {key} is {value}, its source had {sorted(values)[:2]}")
    return faults[:2]


def short(error) -> str:
    text = str(error).strip()
    return f"{type(error).__name__}: " + (text.splitlines()[-1] if text else "")[:200]


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("families", type=Path)
    parser.add_argument("--only", default="")
    parser.add_argument("--minimal", action="store_true", help="configs that leave out what the class knows")
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
        for entry, answers in zip(entries, pool.map(row, entries, [options.minimal] * len(entries))):
            for name, verdict, words in answers:
                totals.setdefault(name, Counter())[verdict] += 1
                line = "\t".join([entry["model_type"], entry["task"], name, verdict, words])
                lines.append(line)
                if verdict != "pass" or wanted:
                    print(line, flush=True)
    if options.out:
        options.out.write_text("\n".join(lines) + "\n")
    print()
    for name, counts in totals.items():
        print(f"{name:12}", ", ".join(f"{count} {verdict}" for verdict, count in counts.most_common()))
    return 1 if any(counts["wrong"] for counts in totals.values()) else 0


if __name__ == "__main__":
    sys.exit(main())

"""Models that transformers builds on the meta device: what they would save, and what each of their layers is."""

import copy
import json
import re
import struct
import tempfile
from pathlib import Path

import torch
import transformers
from transformers import CONFIG_MAPPING
from transformers.core_model_loading import revert_weight_conversion

# What a layer knows of its own number is meant to change when it moves.
NUMBERS = {"layer_idx", "layer_id", "layer_index", "layer_number", "idx", "block_idx", "layer_num", "num_hidden_layers", "layer_block_map"}


# Settings that may change because layers move: what counts them, numbers them, or says their kinds in one word.
FOLLOWING = {
    "architectures", "transformers_version", "num_hidden_layers", "first_k_dense_replace", "num_kv_shared_layers",
    "scale_depth", "num_nextn_predict_layers", "attn_layer_period", "attn_layer_offset", "expert_layer_period",
    "expert_layer_offset", "moe_layer_start_index", "moe_layer_end_index", "moe_layer_interval", "num_dense_layers",
}


class Unbuildable(Exception):
    """transformers itself cannot make the model from these settings."""


def nested(path: str, value) -> dict:
    """`a.b` and a value, as an object in an object."""
    for key in reversed(path.split(".")):
        value = {key: value}
    return value


def merged(a: dict, b: dict) -> dict:
    """Two objects put together, the second one's word last."""
    result = dict(a)
    for key, value in b.items():
        result[key] = merged(result[key], value) if isinstance(value, dict) and isinstance(result.get(key), dict) else value
    return result


def settings_of(model_type: str, settings: dict):
    """A family's config object, from what its file would say."""
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "config.json").write_text(json.dumps({"model_type": model_type} | settings))
        return CONFIG_MAPPING[model_type].from_pretrained(folder)


def family_of(class_name: str, model_type: str) -> str:
    """The family whose config a class takes: of a model of several parts it may be that of its text."""
    own = getattr(getattr(transformers, class_name, None), "config_class", None)
    return own.model_type if own and own.model_type in CONFIG_MAPPING else model_type


def build(class_name: str, config):
    """A model of a class, without a number in it."""
    kind = getattr(transformers, class_name, None)
    if kind is None:
        raise Unbuildable(f"transformers has no {class_name}")
    with torch.device("meta"):
        return kind(copy.deepcopy(config))


def stored(model) -> dict[str, tuple[str, list[int]]]:
    """The tensors that saving the model would write: their dtypes and shapes by name."""
    state = dict(model.state_dict())
    for name in getattr(model, "_keys_to_ignore_on_save", None) or []:
        state.pop(name, None)
    for target in (getattr(model, "all_tied_weights_keys", None) or {}):
        if target in state:
            state.pop(target)
    state = revert_weight_conversion(model, state)
    return {name: (dtype_name(tensor), list(tensor.shape)) for name, tensor in state.items()}


def dtype_name(tensor) -> str:
    if tensor.dtype.is_floating_point:
        return "BF16"
    return {torch.bool: "BOOL", torch.int64: "I64", torch.int32: "I32"}.get(tensor.dtype, "I64")


WIDTHS = {"BF16": 2, "BOOL": 1, "I64": 8, "I32": 4}


def write(folder: Path, tensors: dict, settings: dict) -> None:
    """A checkpoint that is all header: its numbers are a hole in the file."""
    folder.mkdir(parents=True, exist_ok=True)
    header, end = {}, 0
    for name, (dtype, shape) in tensors.items():
        size = WIDTHS[dtype]
        for length in shape:
            size *= length
        header[name] = {"dtype": dtype, "shape": shape, "data_offsets": [end, end + size]}
        end += size
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    with open(folder / "model.safetensors", "wb") as file:
        file.write(struct.pack("<Q", len(text)) + text)
        file.truncate(8 + len(text) + end)
    (folder / "config.json").write_text(json.dumps(settings, indent=2))


def layer_lists(model) -> dict[str, list]:
    """The lists of modules in a model, by name."""
    return {name: list(module) for name, module in model.named_modules() if isinstance(module, torch.nn.ModuleList)}


def main_list(model, prefix: str, depth: int) -> str:
    """The name in memory of the list that files number under a prefix: the longest common end decides."""
    words = re.split(r"\W+", prefix)

    def likeness(name: str) -> tuple:
        own = name.split(".")
        common = sum(word in words for word in own)
        tower = any(word in name for word in ("vision", "visual", "audio"))
        halves = [word for word in ("encoder", "decoder") if word in prefix]
        return (not tower or "vision" in prefix, any(half in name for half in halves), own[-1] == words[-1], common, -len(own))

    candidates = [name for name, layers in layer_lists(model).items() if len(layers) == depth]
    if not candidates:
        raise Unbuildable(f"no list of {depth} modules in memory")
    return max(candidates, key=likeness)


def traits(module, depth: int, path: str = "") -> dict[str, object]:
    """All that tells one layer from another: classes, shapes and settings, by where they stand."""
    found = {path + "()": type(module).__name__}
    for name, value in vars(module).items():
        if name.startswith("_") or name in NUMBERS or name == "training":
            continue
        if isinstance(value, (bool, int, float, str, torch.dtype)) or value is None:
            found[path + name] = value
        elif isinstance(value, (tuple, list)) and len(value) != depth and all(isinstance(x, (int, float, str)) for x in value):
            found[path + name] = tuple(value)
    for name, tensor in list(module.named_parameters(recurse=False)) + list(module.named_buffers(recurse=False)):
        found[path + name] = tuple(tensor.shape)
    for name, child in module.named_children():
        found |= traits(child, depth, path + name + ".")
    return found


def per_layer_settings(config, depth: int) -> dict[str, list]:
    """The settings that say something of each layer, as the config class itself has them in the end."""
    found = {}
    for key, value in vars(config).items():
        if key == "block_types" and value:  # a cycle
            value = [value[layer % len(value)] for layer in range(depth)]
        if isinstance(value, (list, tuple)) and len(value) == depth and not names_layers(value, depth):
            found[key] = list(value)
    return found


def scopes(config) -> list:
    """A config, and the one of the language model in it."""
    if not hasattr(config, "get_text_config"):
        return [config]
    text = config.get_text_config(decoder=True)
    return [config] if type(text) is type(config) else [config, text]


def changed_settings(old, new, depth: int, count: int) -> list[str]:
    """Settings of the whole model that surgery has no business with and that differ all the same."""
    faults = []
    for key, value in vars(old).items():
        if key.startswith("_") or key in FOLLOWING or hasattr(value, "to_dict") or isinstance(value, (list, tuple)):
            continue
        other = vars(new).get(key)
        if value != other and (value, other) != (depth, count):
            faults.append(f"{key} was {value} and is {other}")
    return faults


def masked(settings: dict, path: tuple = ()) -> tuple[dict, dict]:
    """Settings of a family that nobody knows, and the names that were put away, by where they stand."""
    result, names = dict(settings), {}
    for key, value in settings.items():
        if key == "model_type":
            names[(*path, key)] = value
            result[key] = "unheard-of"
        elif isinstance(value, dict) and key not in ("vision_config", "audio_config"):
            result[key], more = masked(value, (*path, key))
            names |= more
    return result, names


def unmasked(settings: dict, names: dict) -> dict:
    """The settings with their names again."""
    for path, value in names.items():
        scope = settings
        for key in path[:-1]:
            scope = scope.get(key) or {}
        scope[path[-1]] = value
    return settings


def turned(settings: dict, depth: int) -> dict:
    """Settings whose lists of a word for each layer are turned by one."""
    result = {}
    for key, value in settings.items():
        if isinstance(value, dict):
            result[key] = turned(value, depth)
        elif isinstance(value, list) and len(value) == depth and all(isinstance(word, str) for word in value):
            result[key] = value[1:] + value[:1]
        else:
            result[key] = value
    return result


def lengthened(settings: dict, depth: int, wanted: int) -> dict:
    """Settings whose lists of one value a layer go on as they begin, up to another depth."""
    result = {}
    for key, value in settings.items():
        if isinstance(value, dict):
            result[key] = lengthened(value, depth, wanted)
        elif isinstance(value, list) and len(value) == depth:
            result[key] = (value * wanted)[:wanted]
        else:
            result[key] = value
    return result


def names_layers(values, depth: int) -> bool:
    """Whether a list has the numbers of layers, rather than something of each."""
    numbers = all(isinstance(value, int) and not isinstance(value, bool) for value in values)
    return numbers and all(0 <= value < depth for value in values) and len(set(values)) == len(values)

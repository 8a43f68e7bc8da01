"""The surgery that recipes ask for, done in memory by moving modules: what Suture's files are compared with.

A copied layer keeps the attributes that it was made with, so what is compared with is: it does what it did.
"""

import copy
import re

import torch
import transformers

from tiny import BESIDE, COUNTS, DEPTH, NotRun, load
from tiny_settings import AFTER, HALVES, NUMBERED

OWN_NUMBERS = ("layer_idx", "layer_id", "layer_index")
LISTS = (torch.nn.ModuleList, torch.nn.ModuleDict)


def stacks(model, depth: int = DEPTH) -> dict[str, list[str]]:
    """The modules that hold the layers, and the lists of layers in each: XLM has four."""
    for beside in (False, True):
        found = {}
        for name, module in model.named_modules():
            if isinstance(module, LISTS) and len(module) == depth:
                if beside or not BESIDE.search(name.replace("backbone", "")):
                    found.setdefault(name.rpartition(".")[0], []).append(name.rpartition(".")[2])
        if found:
            break
    else:
        raise NotRun(f"no list of {depth} modules")
    for words in ("decoder", "language|text|llm"):
        if chosen := {name: found[name] for name in found if re.search(words, name)}:
            found = chosen
    outer = [name for name in found if not re.search(r"\.\d+(\.|$)", name)]
    return {name: found[name] for name in outer} or found


def within(model, path: str):
    return model.get_submodule(path) if path else model


def moved(a, b, order: list[tuple[str, int]], renumber: bool = False):
    """A model whose layers are `order`: pairs of a model's name and a layer of it."""
    sources, made = {"a": a, "b": b}, copy.deepcopy(a)
    layers, seen = [layer for _, layer in order], set()
    for holder, names in stacks(a).items():
        for name in names:
            path = f"{holder}.{name}".lstrip(".")
            lists = {key: list(within(model, path).children()) for key, model in sources.items()}
            new = [copy.deepcopy(lists[key][layer]) for key, layer in order]
            plain = isinstance(within(a, path), torch.nn.ModuleList)
            numbered = {str(at): one for at, one in enumerate(new)}
            whole = torch.nn.ModuleList(new) if plain else torch.nn.ModuleDict(numbered)
            setattr(within(made, holder), name, whole)
            for number, layer in enumerate(new if renumber else []):
                for module in layer.modules():
                    for key in OWN_NUMBERS:
                        if isinstance(vars(module).get(key), int):
                            setattr(module, key, number)
        for key, value in list(vars(within(made, holder)).items()):
            if key == "cross_attention_layers":
                setattr(within(made, holder), key, [at for at, layer in enumerate(layers) if layer in value])
            elif isinstance(value, list) and len(value) == DEPTH:
                setattr(within(made, holder), key, [value[layer] for layer in layers])
            if key == "first_kv_shared_layer_idx" and value == DEPTH:
                setattr(within(made, holder), key, len(order))
        for place in {holder, holder.rpartition(".")[0]}:
            follow(getattr(within(made, place), "config", None), layers, seen)
    inner = [key for key in getattr(type(made.config), "sub_configs", None) or {} if not BESIDE.search(key)]
    for config in [made.config, *(getattr(made.config, key, None) for key in inner)]:
        follow(config, layers, seen)
    for module in made.modules():
        for key in COUNTS:
            if vars(module).get(key) == DEPTH:
                setattr(module, key, len(order))
    blocks(made, sources, order)
    for hook in AFTER.get(made.config.model_type, []):
        hook(made, layers)
    return made


def follow(config, layers: list[int], seen: set) -> None:
    """Lists of one value a layer in a config follow the layers, and so does the count."""
    if not isinstance(config, transformers.PretrainedConfig) or id(config) in seen:
        return
    seen.add(id(config))
    own = config.to_dict().get("per_layer_config")
    if own and all(str(key).isdigit() for key in own):
        follow_numbered(config, {int(key): value for key, value in own.items()}, layers)
        return
    for key, value in list(vars(config).items()):
        if key in COUNTS and value == DEPTH:
            setattr(config, key, len(layers))
        elif key in ("attn_layer_indices", "full_attn_idxs", "cross_attention_layers") and isinstance(value, (list, tuple)):
            setattr(config, key, [at for at, layer in enumerate(layers) if layer in value])
        elif isinstance(value, (list, tuple)) and len(value) == DEPTH:
            setattr(config, key, type(value)(value[layer] for layer in layers))


def follow_numbered(config, own: dict, layers: list[int]) -> None:
    """A config that keeps its layers' values under their numbers is made anew."""
    settings = {}
    for key, value in config.to_dict().items():
        if isinstance(value, (list, tuple)) and len(value) == DEPTH:
            value = [value[layer] for layer in layers]
        settings[key] = len(layers) if key in COUNTS and value == DEPTH else value
    settings["per_layer_config"] = {str(at): own[layer] for at, layer in enumerate(layers) if layer in own}
    attention = config._attn_implementation
    config.__dict__ = type(config)(**settings).__dict__
    config._attn_implementation = attention


def blocks(made, sources: dict, order) -> None:
    """Tensors outside the layers with one block of rows or columns for each."""
    width = getattr(made.config.get_text_config(), "hidden_size_per_layer_input", None)
    for name, module in made.named_modules() if width else []:
        if not re.search(r"embed_tokens_per_layer$|per_layer_model_projection$", name):
            continue
        axis = 1 if "embed" in name else 0
        parts = [sources[key].get_submodule(name).weight.data.narrow(axis, layer * width, width) for key, layer in order]
        module.weight.data = torch.cat(parts, axis)
        for key in ("out_features", "embedding_dim"):
            if hasattr(module, key):
                setattr(module, key, width * len(order))


def moved_or_numbered(a, b, order, family: str, run):
    """What the moved model computes; where its class needs its layers' numbers in order, with those."""
    try:
        return run(moved(a, b, order, renumber=family in NUMBERED))
    except Exception:
        return run(moved(a, b, order, renumber=True))


# MARK: The attention of one model in another

ATTENTION = re.compile(
    r"(^|\.)(self_?attn|attn_hc|self_?attention|attn|attention|linear_attn|mamba|mixer|conv|short_?conv|temporal_block|ssm"
    r"|cross_?attention|cross_?attn|encoder_attn|encoder_decoder_attention|EncDecAttention|token_mixer|time_mixer|lru|rg_lru"
    r"|kda|linear_attention|attentions|seq_mixer)(\.|$)",
    re.I,
)
NORM = re.compile(
    r"^(input_layer_?norm|attention_layer_?norm|ln_?1|attn_norm|attention_norm|self_attn_layer_norm|pre_attn_norm|norm_?1"
    r"|operator_norm|pre_self_attn_layernorm|post_self_attn_layernorm|encoder_attn_layer_norm|pre_attention_layernorm"
    r"|layer_norm1|self_attention_layer_norm|encoder_decoder_attention_layer_norm|pre_[sc]a_norm|norm)(\.|$)"
)
MLP = re.compile(
    r"(^|\.)(mlp|feed_forward|ffn|moe|experts|intermediate|mixer\.(up_proj|down_proj|gate|shared_experts))(\.|$)"
)


def attention(family: str, names: list[str]) -> set[str]:
    """Which parameters of a layer belong to its attention, by the names of modules in memory."""
    if pattern := HALVES.get(family):
        return {name for name in names if re.search(pattern, name)}
    own = {name for name in names if ATTENTION.search(name) and not MLP.search(name)}
    sandwich = any(re.match("(pre|post)_(feedforward|mlp|ffn)", name) for name in names)
    plain = "self_" if any(name.startswith("post_self_attn") for name in names) else "(self_)?"
    behind = re.compile(f"post_{plain}att(entio)?n_(layer_?)?norm")
    norms = {name for name in names if NORM.search(name) or sandwich and behind.match(name)}
    return own | norms if own else set()


def spliced(a, b, family: str):
    """b with the attention of a; nothing where one of the two halves is empty."""
    made, taken, kept = copy.deepcopy(b), 0, 0
    for mine, theirs in zip(layers_of(made), layers_of(a)):
        half = attention(family, list(mine))
        for name in half:
            mine[name].copy_(theirs[name])
        taken, kept = taken + len(half), kept + len(mine) - len(half)
    return made if taken and kept else None


def misplaced(output, wanted) -> str:
    """The names in a layer where another model's tensor was wanted."""
    pairs = zip(layers_of(output), layers_of(wanted))
    return " ".join(sorted({name for mine, other in pairs for name in mine if not torch.equal(mine[name], other[name])}))


def layers_of(model, depth: int = DEPTH):
    """The tensors of each layer, by their names in it; where a layer is in several lists, they are one."""
    for holder, names in stacks(model, depth).items():
        lists = [list(within(model, f"{holder}.{name}".lstrip(".")).children()) for name in names]
        for parts in zip(*lists):
            states = [(name if len(names) > 1 else "", part.state_dict()) for name, part in zip(names, parts)]
            yield {f"{name}.{key}".lstrip("."): tensor for name, state in states for key, tensor in state.items()}

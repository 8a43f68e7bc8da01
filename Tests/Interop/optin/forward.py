"""What the layers of a model are called with: positions and masks, computed for real; the layers themselves are not run."""

import copy
import hashlib

import torch

# Longer than the windows that are set, so that they show.
LENGTH = 13
WINDOW = 4


class Listener(torch.nn.Module):
    """Stands in a layer's place, notes what it is given and passes the states on."""

    def __init__(self, layer, notes: list, gives_tuple: bool):
        super().__init__()
        self.__dict__["layer"] = layer
        self.notes = notes
        self.gives_tuple = gives_tuple

    def __getattr__(self, name):
        try:
            return super().__getattr__(name)
        except AttributeError:
            return getattr(self.__dict__["layer"], name)

    def forward(self, states, *others, **named):
        given = {f"argument {number}": value for number, value in enumerate(others)} | named
        self.notes.append({key: digest(value) for key, value in given.items() if digest(value) is not None})
        return (states,) if self.gives_tuple else states


def digest(value):
    """A value that can be compared; `None` where it says nothing of positions or masks."""
    if isinstance(value, torch.Tensor):
        if value.device.type == "meta":
            raise RuntimeError("a tensor without numbers")
        return (str(value.dtype), tuple(value.shape), hashlib.sha256(value.detach().double().numpy().tobytes()).hexdigest())
    if isinstance(value, (tuple, list)):
        return tuple(digest(item) for item in value)
    return None


def heard(model, list_name: str) -> list[dict] | None:
    """For each layer of a list of a model what it is given; `None` where the stack cannot be run alone."""
    for gives_tuple in (False, True):
        try:
            return listen(model, list_name, gives_tuple)
        except Exception:
            continue
    return None


def listen(model, list_name: str, gives_tuple: bool) -> list[dict]:
    parent_name, _, name = list_name.rpartition(".")
    stack = copy.copy(model.get_submodule(parent_name))
    stack._modules = dict(stack._modules)
    config = copy.deepcopy(stack.config)
    config._attn_implementation = "eager"
    for key in ("sliding_window", "attention_chunk_size"):
        if isinstance(getattr(config, key, None), int):
            setattr(config, key, WINDOW)
    stack.config = config
    notes: list[dict] = []
    layers = stack._modules[name]
    stack._modules[name] = torch.nn.ModuleList([Listener(layer, notes, gives_tuple) for layer in layers])
    for key, module in list(stack._modules.items()):
        if key == name or module is None:
            continue
        if "norm" in key or key in ("ln_f", "final_layernorm"):
            stack._modules[key] = torch.nn.Identity()
        elif any(buffer.device.type == "meta" for buffer in module.buffers()) and "rot" in key:
            stack._modules[key] = type(module)(config)
    with torch.no_grad():
        stack(inputs_embeds=torch.zeros(1, LENGTH, config.hidden_size), use_cache=False)
    if len(notes) != len(layers):
        raise RuntimeError("not every layer was called once")
    return notes

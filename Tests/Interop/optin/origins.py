"""Where the layers of an output come from, by its plan, and what tells them from the layers that they come from."""

import re
from collections import Counter

import models

STORED = re.compile(r"^(\w+):(\S+)$")
NUMBER = re.compile(r"(?<=\.)(\d+)(?=\.)")

# Words in a setting's name that make it one of the MLP.
MLP_WORDS = ("mlp", "moe", "dense", "sparsity", "expert", "intermediate", "swiglu", "ffn")


class Origins:
    """For each output layer: from which layer of which source each of its tensors comes."""

    def __init__(self, plan: dict, entry: dict):
        moved, runs = [], Counter()
        for tensor in plan["tensors"]:
            found = STORED.match(tensor["expression"])
            if not found:
                continue
            new, old = NUMBER.split(tensor["name"]), NUMBER.split(found[2])
            if len(new) < 3 or len(old) < 3:
                continue
            origin = (found[1], int(old[1]))
            moved.append((new[0], int(new[1]), "".join(new[2:]), origin))
            runs[new[0]] += origin != ("a", int(new[1]))
        self.has_twin = sum(stack["main"] for stack in entry["stacks"]) > 1
        self.donor = next(donor["source"] for donor in plan["donors"] if donor["part"] == "config")
        self.prefix = ""
        self.layers: dict[int, dict[str, tuple[str, int]]] = {}
        main = main_prefix(entry) + "."
        prefix = main if runs[main] else max(runs, key=lambda name: runs[name], default="")
        if not runs[prefix]:
            return
        self.prefix = prefix.rstrip(".")
        for start, place, suffix, origin in moved:
            if start == prefix:
                self.layers.setdefault(place, {})[suffix] = origin
        self.halves = labels(entry, self.prefix)

    def of(self, place: int, half: str | None = None) -> set[tuple[str, int]]:
        """The layers that an output layer, or a half of it, comes from."""
        tensors = self.layers.get(place, {})
        everybody = set(tensors.values())
        if half is None:
            return everybody
        own = {origin for suffix, origin in tensors.items() if self.halves.get(suffix.split(".")[0]) == half}
        return own or everybody

    def differences(self, place: int, found: dict, own: dict) -> list[str]:
        """What tells an output layer from the layers it comes from: classes, shapes and settings of its modules."""
        faults = []
        for key, value in found.items():
            half = self.halves.get(key.split(".")[0]) if "." in key else None
            values = {str(own[origin].get(key, "nothing")) for origin in self.of(place, half) if origin in own}
            if str(value) not in values:
                faults.append(f"layer {place}: {key} is {value}, its source had {sorted(values)[:2]}")
        for origin in self.of(place) if len(self.of(place)) == 1 else []:
            lost = set(own.get(origin, {})) - set(found)
            faults += [f"layer {place} has no {key}, its source has" for key in sorted(lost)[:1]]
        return faults[:2]

    def setting_faults(self, sources: dict, config, count: int) -> list[str]:
        """Settings of one value a layer, as the config classes read them, that are not their layer's."""
        faults = []
        scoped = {name: models.scopes(source.config) for name, source in sources.items()}
        for index, scope in enumerate(models.scopes(config)):
            old = {
                name: models.per_layer_settings(scoped[name][index], source.depth) for name, source in sources.items()
            }
            new = models.per_layer_settings(scope, count)
            faults += [
                f"{key} is gone"
                for key, values in old[self.donor].items()
                if key not in new and not (self.has_twin and getattr(scope, key, None) == values)
            ]
            for key, values in new.items():
                if not any(key in lists for lists in old.values()) and values == list(
                    getattr(scoped[self.donor][index], key, None) or []
                ):
                    continue  # of another stack, that happens to be as deep
                half = "mlp" if any(word in key for word in MLP_WORDS) else "attention"
                for place, value in enumerate(values):
                    wanted = {
                        str(old[name][key][layer]) if key in old[name] else "nothing"
                        for name, layer in self.of(place, half)
                    }
                    if str(value) not in wanted:
                        faults.append(f"{key}[{place}] is {value}, its layer had {sorted(wanted)}")
                        break
            faults += models.changed_settings(scoped[self.donor][index], scope, sources[self.donor].depth, count)
        return faults

    def heard_faults(self, heard: dict, now: list) -> list[str]:
        """Layers that are not given the positions and masks that their source's layer is given."""
        for place, given in enumerate(now):
            origins = self.of(place, "attention")
            if not any(given == heard[name][layer] for name, layer in origins):
                name, layer = sorted(origins)[0]
                keys = [key for key in given if given[key] != heard[name][layer].get(key)]
                return [f"layer {place} is given another {', '.join(keys)} than layer {layer} of {name}"]
        return []


def main_prefix(entry: dict) -> str:
    """What stands before the numbers of the layers that surgery works on: of an encoder and a decoder the decoder's."""
    mains = {stack["prefix"]: stack["layers_in_probe"] for stack in entry["stacks"] if stack["main"]}
    decoders = [name for name in mains if any(are_twins(other, name) for other in mains)]
    return decoders[0] if decoders else max(mains, key=lambda name: mains[name], default="")


def are_twins(encoder: str, decoder: str) -> bool:
    """Whether two prefixes are those of an encoder and of its decoder: they first differ in just those words."""
    pairs = zip(encoder.split("."), decoder.split("."))
    one, other = next(((a, b) for a, b in pairs if a != b), ("", ""))
    return "encoder" in one and "decoder" in other


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

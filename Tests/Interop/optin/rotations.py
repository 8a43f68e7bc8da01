"""What transformers makes of the keys that say how a model rotates: the cases of `RotationTests`.

Every case is a family and a config, with a fingerprint of the frequencies that transformers computes from it. Two
configs of one family say the same where their fingerprints are equal, whatever keys they say it in.

    python rotations.py [number of configs a family] [seed] > Tests/SutureArchitecturesTests/Rotations.json

Needs transformers 5.24 with torch.
"""

import hashlib
import json
import logging
import random
import sys
import warnings

warnings.filterwarnings("ignore")

import torch
from transformers import logging as transformers_logging
from transformers.modeling_rope_utils import ROPE_INIT_FUNCTIONS
from transformers.models.auto.configuration_auto import CONFIG_MAPPING

transformers_logging.set_verbosity(logging.CRITICAL)
SIZES = dict(
    hidden_size=256,
    num_attention_heads=4,
    num_hidden_layers=12,
    max_position_embeddings=4096,
    head_dim=64,
)
ONE_KIND = "llama qwen2 mistral mixtral qwen3_moe smollm3 stablelm glm4 phi gpt_oss apertus minimax_m2 qwen2_vl_text gpt_neox cohere2 deepseek_v3 lfm2".split()
TWO_KINDS = "gemma3_text gemma3n_text olmo3 modernbert gemma4_text lfm3".split()


def scaling(choose, key):
    kind = choose(["default", "linear", "linear", "yarn", "dynamic", "llama3"])
    made = {key: kind}
    if kind == "default":
        return made
    made["factor"] = choose([1.0, 2, 2.0, 4.0])
    if kind in ("yarn", "llama3") and choose([True, False]):
        made["original_max_position_embeddings"] = choose([256, 512])
    if kind == "yarn" and choose([True, False]):
        made["beta_fast"] = choose([32, 16.0])
    if kind == "llama3":
        made |= {"low_freq_factor": 1.0, "high_freq_factor": choose([4.0, 8])}
    return made


def parameters(choose):
    made = scaling(choose, "rope_type")
    if choose([True, False]):
        made["rope_theta"] = choose([7e3, 9000, 10000.0])
    if choose([True, False, False]):
        made["partial_rotary_factor"] = choose([0.25, 0.5, 1.0])
    return made


def config(family, choose):
    made = {}
    nested = family in TWO_KINDS and choose([True, True, False])
    for key, values in {
        "rope_theta": [7e3, 9e3],
        "rope_local_base_freq": [7e3, 9e3] if family in TWO_KINDS else [],
        "global_rope_theta": [7e3, 9e3] if family == "modernbert" else [],
        "rotary_emb_base": [7000, 9000] if family == "gpt_neox" else [],
        "rotary_pct": [0.25, 0.5] if family == "gpt_neox" else [],
        "rotary_dim": [16, 32] if family == "minimax_m2" else [],
        "partial_rotary_factor": [0.25, 0.5],
        "original_max_position_embeddings": [256],
    }.items():
        if values and choose([True, False, key not in ("original_max_position_embeddings", "partial_rotary_factor")]):
            made[key] = choose(values)
    if choose([True, True, False]):
        made["rope_parameters"] = choose([None] + [parameters(choose) for _ in range(4)])
        if nested:
            made["layer_types"] = ["full_attention", "sliding_attention"] * 6
            made["rope_parameters"] = {
                kind: parameters(choose) for kind in ["full_attention", "sliding_attention"]
            }
            if choose([True, False]):
                one = made["rope_parameters"]["full_attention"]
                made["rope_parameters"]["sliding_attention"] = dict(one)
    if choose([True, False]):
        made["rope_scaling"] = choose([None, {}] + [scaling(choose, choose(["type", "rope_type"])) for _ in range(5)])
        if made["rope_scaling"] and choose([True, False, False]):
            made["rope_scaling"]["rope_theta"] = choose([7e3, 9e3])
    return made


def frequencies(made, kind):
    said = made.rope_parameters[kind] if kind else made.rope_parameters
    if said["rope_type"] == "default":
        width = int(made.head_dim * said.get("partial_rotary_factor", 1.0))
        return [(1.0 / said["rope_theta"] ** (torch.arange(0, width, 2).float() / width), 1.0)] * 2
    compute = ROPE_INIT_FUNCTIONS[said["rope_type"]]
    return [compute(made, None, seq_len=length, layer_type=kind) for length in (4096, 9000)]


def fingerprint(family, keys):
    made = CONFIG_MAPPING[family](**(SIZES | json.loads(json.dumps(keys))))
    made.head_dim = SIZES["head_dim"]
    made.standardize_rope_params()
    kinds = [k for k, v in made.rope_parameters.items() if isinstance(v, dict)]
    if family in TWO_KINDS and not kinds:
        raise ValueError("a class of two kinds without one")
    hashes = set()
    for kind in kinds or [None]:
        digest = hashlib.sha256()
        for numbers, factor in frequencies(made, kind):
            digest.update(" ".join(f"{number:.4e}" for number in [*numbers.tolist(), float(factor)]).encode())
        hashes.add((kind or "", digest.hexdigest()[:12]))
    # Kinds that are turned alike are as good as none.
    if len({digest for _, digest in hashes}) == 1:
        return hashes.pop()[1]
    return " ".join(sorted(f"{kind}:{digest}" for kind, digest in hashes))


def main():
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 12
    draw = random.Random(int(sys.argv[2]) if len(sys.argv) > 2 else 1)
    cases = []
    for family in ONE_KIND + TWO_KINDS:
        found = {}
        for _ in range(count * 40):
            keys = config(family, draw.choice)
            try:
                found.setdefault(json.dumps(keys), fingerprint(family, keys))
            except Exception:
                continue  # transformers refuses it
            if len(found) == count:
                break
        cases += [{"family": family, "config": SIZES | json.loads(k), "same": v} for k, v in found.items()]
    print("[\n" + ",\n".join(json.dumps(case) for case in cases) + "\n]")


main()

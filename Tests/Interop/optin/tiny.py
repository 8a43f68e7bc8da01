"""Tiny random models of every type that transformers knows, and something to feed them with."""

import copy
import re

import torch
import transformers
from transformers.models.auto import configuration_auto, modeling_auto

from tiny_settings import CLASSES, INPUTS, SETTINGS, VARIANTS

# torch 2.6 wants 64 bits where some classes index with 32
for _name in ("scatter", "scatter_", "scatter_add", "scatter_add_", "gather"):

    def _widened(plain):
        def call(tensor, dim, index, *rest, **more):
            return plain(tensor, dim, index.long(), *rest, **more)

        return call

    setattr(torch.Tensor, _name, _widened(getattr(torch.Tensor, _name)))

DEPTH = 13  # no period of layers that a class may have divides it

# Fields and what they become where their default is larger: the first pattern that matches counts.
SIZES = [
    (r"vocab_size|vocab$", 128),
    (r"mamba_n_heads|mamba_num_heads|n_mamba_heads", 8),
    (r"(^|_)num_heads$|attention_heads$|n_heads?$|num_query_heads", 4),
    (r"key_value_heads$|kv_n_heads|kv_heads$|linear_num_key_heads", 2),
    (r"linear_num_value_heads|linear_num_heads", 4),
    (r"mamba_d_head|mamba_head_dim", 16),
    (r"mamba_d_ssm", 128),
    (r"d_state|state_size", 8),
    (r"mamba_n_groups|^n_groups", 1),
    (r"chunk_size$|rope_head_dim", 8),
    (r"head_dim|d_kv$|dim_head|lora_rank|rank$", 16),
    (r"^(n_routed_experts|num_experts|num_local_experts|moe_num_experts|n_experts)$", 4),
    (r"(experts_per_tok|top_?k_experts|moe_top_?k|num_experts_per_token)$", 2),
    (r"n_group$|topk_group$", 1),
    (r"index_topk$", 64),
    (r"index_n_heads", 2),
    (r"moe.*(intermediate|hidden)|expert.*(intermediate|dim)|shared_intermediate", 32),
    (r"intermediate_size|d_ff|ffn|inner_dim|n_inner", 96),
    (r"hidden_size_per_layer", 8),
    (r"hidden_size|d_model|n_embd|(^|_)embed_dim$|hidden_dim$|emb_dim|embedding_size|embedding_dim|^dim$|d_embed", 64),
    (r"sliding_window(_size)?$|attention_chunk_size|window_size", 4),
    (r"position|n_ctx|max_seq|n_positions", 128),
    (r"image_size", 16),
    (r"patch_size$", 8),
    (r"groups$", 2),
]
TOKEN = re.compile(r"(token|bos|eos|pad|unk|sep|mask|lang)_?(token)?_(id|index)$|_ids?$")
COUNTS = (
    "num_hidden_layers n_layer n_layers num_layers decoder_layers num_decoder_layers decoder_num_hidden_layers "
    "num_layers_per_stack"
).split()
ENCODER = re.compile(r"^(num_)?encoder_(num_hidden_)?layers$|^num_encoder_layers$|^depth$|(t2u|speech).*layers$")
BESIDE = re.compile(
    r"vision|audio|speech|image|vq|visual|qformer|projector|codec|vocoder|high_res|depth_|acoustic|semantic|tokenizer"
    r"|backbone|vae"
)

TASKS = [
    "CAUSAL_LM", "IMAGE_TEXT_TO_TEXT", "SEQ_TO_SEQ_CAUSAL_LM", "SPEECH_SEQ_2_SEQ", "MULTIMODAL_LM", "MASKED_LM", "CTC",
]


class NotRun(Exception):
    """Why a type could not be measured: it is no verdict on the program."""


def class_of(family: str):
    """The class that is measured: with a head where transformers has one."""
    if family in CLASSES:
        return getattr(transformers, CLASSES[family])
    for mapping in [*(f"MODEL_FOR_{task}_MAPPING_NAMES" for task in TASKS), "MODEL_MAPPING_NAMES"]:
        if found := getattr(modeling_auto, mapping, {}).get(family):
            return getattr(transformers, found if isinstance(found, str) else found[0])
    raise NotRun("transformers maps no class to it")


def every_type() -> list[str]:
    """Every type that has a class of its own, and the variants that are told of here."""
    types = []
    for family in configuration_auto.CONFIG_MAPPING_NAMES:
        try:
            class_of(family)
        except (NotRun, AttributeError):
            continue
        types.append(family)
    return types + list(VARIANTS)


def config_of(name: str):
    family = name.split("#")[0]
    kind = configuration_auto.CONFIG_MAPPING[family]
    settings = small(kind())
    for path, value in [*SETTINGS.get(family, {}).items(), *VARIANTS.get(name, {}).items()]:
        scope = settings
        *outer, last = path.split(".")
        for key in outer:
            scope = scope.setdefault(key, {})
        scope[last] = value
    return kind(**settings)


def small(config, beside: bool = False) -> dict:
    """Small values for the fields of a default config, and of the configs in it."""
    settings, inner = {}, getattr(type(config), "sub_configs", None) or {}
    for key in inner:
        own = getattr(config, key, None)
        if isinstance(own, transformers.PretrainedConfig):
            settings[key] = small(own, beside or bool(BESIDE.search(key))) | {"model_type": own.model_type}
    for key, field in getattr(type(config), "__dataclass_fields__", {}).items():
        if key in inner or key.startswith("_"):
            continue
        try:
            default = getattr(config, key, None)
        except Exception:  # it differs from layer to layer
            default = field.default if isinstance(field.default, (int, float)) else None
        value = smaller(key, default, beside)
        if value is not None:
            settings[key] = value
    if isinstance(settings.get("kv_lora_rank"), int) and "num_key_value_heads" in settings:
        settings["num_key_value_heads"] = settings["num_attention_heads"]
    rotation = getattr(config, "rope_parameters", None)
    if isinstance(rotation, dict) and isinstance(rotation.get("mrope_section"), list):
        settings["rope_parameters"] = rotation | {"mrope_section": sections(rotation, settings)}
    return settings


def smaller(key: str, default, beside: bool):
    if key in COUNTS or ENCODER.search(key):
        if default is None and key != "num_hidden_layers":
            return None
        return 2 if beside else 3 if ENCODER.search(key) else DEPTH
    if TOKEN.search(key):
        if isinstance(default, int) and default >= 100:
            return 100 + default % 25
        if isinstance(default, list):
            return [100 + one % 25 if isinstance(one, int) and one >= 100 else one for one in default]
        return None
    if isinstance(default, bool) or not isinstance(default, int):
        return None
    for pattern, value in SIZES:
        if re.search(pattern, key):
            return value if default > value else None
    return 64 if default >= 512 else None


def sections(rotation: dict, settings: dict) -> list[int]:
    """The sections of a rotation share half of what rotates of a head."""
    old = rotation["mrope_section"]
    head = settings.get("head_dim") or settings.get("hidden_size", 64) // settings.get("num_attention_heads", 4)
    wanted = int(head * (rotation.get("partial_rotary_factor") or 1)) // 2
    new = [max(1, one * wanted // sum(old)) for one in old]
    new[-1] += wanted - sum(new)
    return new


# MARK: Models


def make(kind, config, seed: int, folder):
    """A model of random numbers, saved and read back."""
    torch.manual_seed(seed)
    config = copy.deepcopy(config)
    config._attn_implementation = "eager"
    model = kind(config).eval().float()
    generator = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for _, tensor in model.named_parameters():
            noise = torch.randn(tensor.shape, generator=generator)
            tensor.add_(noise * (0.6 / max(1, tensor.shape[-1]) ** 0.5 if tensor.dim() >= 2 else 0.1))
        kept = model.state_dict()
        for name, tensor in model.named_buffers():
            if tensor.is_floating_point() and name in kept and re.search(r"bias|scalar|scale", name):
                tensor.add_(torch.randn(tensor.shape, generator=generator) * 0.1)
    model.save_pretrained(folder)
    return load(kind, folder)


def load(kind, folder):
    """The model in a folder, and the keys that did not fit."""
    model, told = kind.from_pretrained(folder, output_loading_info=True, dtype=torch.float32, attn_implementation="eager")
    kinds = ("missing_keys", "unexpected_keys", "mismatched_keys", "error_msgs")
    return model.eval(), {key: sorted(map(str, told[key]))[:6] for key in kinds if told.get(key)}


# MARK: What they are fed with


def run(model, inputs: dict) -> torch.Tensor:
    """What a model makes of its inputs: logits where it has them."""
    answer, first = None, None
    for extra in ({"use_cache": False}, {}):
        try:
            with torch.no_grad():
                answer = model(**(extra | copy.deepcopy(inputs)))
            break
        except TypeError as error:
            if "use_cache" not in str(error):
                raise
            first = error
    if answer is None:
        raise first
    for key in ("logits", "last_hidden_state", "prediction_logits"):
        if torch.is_tensor(value := getattr(answer, key, None)):
            return value.float()
    for value in answer.values() if hasattr(answer, "values") else answer:
        if torch.is_tensor(value) and value.is_floating_point():
            return value.float()
    raise NotRun("its answer has no numbers")


def inputs_of(family: str, model) -> tuple[dict, torch.Tensor]:
    """Inputs that a model takes, and what it makes of them: tokens if it can, else what its class names first."""
    faults = []
    for inputs in INPUTS[family](model) if family in INPUTS else candidates(model):
        try:
            answer = run(copy.deepcopy(model), inputs)  # a copy: RWKV scales its weights as it runs
            if torch.isfinite(answer).all():
                return inputs, answer
            faults.append("its numbers are not finite")
        except Exception as error:
            faults.append(f"{type(error).__name__}: {str(error)[:160]}")
    raise NotRun("not fed: " + (faults[0] if faults[0] == faults[-1] else f"{faults[0]} … {faults[-1]}"))


def candidates(model):
    generator = torch.Generator().manual_seed(5)
    config = model.config
    words = min(95, getattr(config.get_text_config(), "vocab_size", None) or 95)
    tokens = torch.randint(5, words, (2, 22), generator=generator)
    answers = {"decoder_input_ids": torch.randint(5, words, (2, 19), generator=generator)}
    both = getattr(config, "is_encoder_decoder", False)
    for inputs in [{"input_ids": tokens}, *shapes(model.main_input_name, config, generator)]:
        if both:
            yield inputs | answers
        yield inputs
        yield inputs | {"attention_mask": torch.ones(2, 22, dtype=torch.long)}


def shapes(name: str, config, generator):
    """What a class may want in place of tokens."""
    inner = [config, *(getattr(config, key, None) for key in getattr(type(config), "sub_configs", None) or {})]
    inner = [one for one in inner if one is not None]

    def of(keys, default):
        return next((value for one in inner for key in keys if (value := getattr(one, key, None))), default)

    if "pixel" in name:
        size = of(["image_size"], 16)
        height, width = size if isinstance(size, (list, tuple)) else (size, size)
        yield {name: torch.randn(2, of(["num_channels", "in_channels"], 3), height, width, generator=generator)}
    bins = of(["num_mel_bins", "n_mels", "feature_size", "input_feat_per_channel"], 80)
    for shape in [(2, 3200), (2, 1, 3200), (2, 8000), (2, 64, bins), (2, 64, 4 * bins), (2, bins, 64), (2, bins, 128), (2, bins, 3000)]:
        yield {name: torch.randn(*shape, generator=generator)}

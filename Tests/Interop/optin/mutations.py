"""Configs of every family with something wrong in them: `suture plan` must say so, or plan, and never die.

    python mutations.py Tests/Fixtures/architectures/families.json [--each 12] [--jobs 2] [--only llama,jamba]

Each family becomes a checkpoint of headers; its config loses a key, gets a value of another kind, a list of another
length or a number beyond reason, one fault at a time, and is planned with its layers moved. Exit 1 where a run ended
otherwise than with a plan or with errors that say what is wrong.
"""

import argparse
import json
import random
import re
import subprocess
import sys
import tempfile
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))
sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import headers  # noqa: E402
import suture  # noqa: E402

NONSENSE = [
    None, True, 0, -1, 1, 3, 7, 2**31, 2**63 - 1, -(2**63), 10**30, 1e300, 0.5, float("nan"), float("-inf"), "", "7",
    "full_attention", [], [0], [[]], [None] * 8, list(range(8)), ["full_attention"] * 7, ["x"] * 9, [-1, 2**40],
    {}, {"0": 1}, {"99": {}}, {"a": {"b": []}},
]

# Keys that rules of some family read, besides those that its config has.
KEYS = json.loads((Path(__file__).resolve().parents[2] / "Fixtures/architectures/fields.json").read_text())


def faults(config: dict, family: str, seed: int, count: int):
    """Pairs of words and a config with one fault."""
    draw = random.Random(f"{family} {seed}")
    paths = [path for path in walk(config) if path]
    own = [row["key"] for row in KEYS if row["key"] and (family in row["families"] or f"{family}_text" in row["families"])]
    scopes = [[]] + [[key] for key in config if isinstance(config[key], dict)]
    paths += [scope + key.split(".") for key in own for scope in scopes]
    for number in range(count):
        path = draw.choice(paths)
        changed = json.loads(json.dumps(config))
        value = draw.choice(NONSENSE)
        gone = number % 4 == 0
        put(changed, path, value, gone)
        yield f"{'.'.join(path)} {'missing' if gone else json.dumps(value)}", changed


def walk(value, path=()):
    yield list(path)
    if isinstance(value, dict):
        for key in value:
            yield from walk(value[key], (*path, key))


def put(config: dict, path: list, value, gone: bool) -> None:
    for key in path[:-1]:
        config = config.setdefault(key, {})
        if not isinstance(config, dict):
            return
    config.pop(path[-1], None) if gone else config.__setitem__(path[-1], value)


RECIPE = """\
slicegraph: 1
inputs: {{a: "{a}", b: "{b}"}}
graph:
  out: {{stack: [{items}]}}
"""


def family_rows(row: dict, each: int) -> list[tuple[str, str, str]]:
    answers = []
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        config, tensors, depth = headers.family(row)
        for which in ("a", "b"):
            headers.write(folder / which, tensors, config)
        items = f'"a[0:{depth}]", "b[{depth - 1}]"' if depth > 1 else '"a[0]", "b[0]"'
        recipe = folder / "recipe.yml"
        recipe.write_text(RECIPE.format(a=folder / "a", b=folder / "b", items=items))
        for words, changed in faults(config, row["type"], 1, each):
            (folder / "a" / "config.json").write_text(json.dumps(changed))
            answers.append((row["type"], words, verdict(recipe)))
    return answers


def verdict(recipe: Path) -> str:
    try:
        outcome = suture.run("plan", recipe, "--format", "json")
    except subprocess.TimeoutExpired:
        return "hung"
    if outcome.code not in (0, 1):
        return f"died: exit {outcome.code} {outcome.words[-200:]}"
    try:
        said = json.loads(outcome.answer)["diagnostics"]
    except ValueError:
        return "no JSON" if not re.search(r"error: .*\[[a-z-]+\]", outcome.words) else "refused"
    errors = [one for one in said if one["severity"] == "error"]
    if outcome.code == 1:
        bad = [one for one in errors if not one["message"] or not one["code"]]
        return "refused" if errors and not bad else "refused without a word"
    return "planned with a warning" if any(one["severity"] == "warning" for one in said) else "planned"


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("families", type=Path)
    parser.add_argument("--each", type=int, default=12)
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--only", default="")
    options = parser.parse_args()
    rows = json.loads(options.families.read_text())
    wanted = {name for name in options.only.split(",") if name}
    rows = [row for row in rows if not wanted or row["type"] in wanted]
    totals: Counter = Counter()
    with ThreadPoolExecutor(options.jobs) as pool:
        for answers in pool.map(lambda row: family_rows(row, options.each), rows):
            for family, words, answer in answers:
                kind = answer.split(":")[0]
                totals[kind] += 1
                if kind not in ("planned", "planned with a warning", "refused"):
                    print(family, words, answer, sep="\t", flush=True)
    print(f"{len(rows)} families, {sum(totals.values())} configs:", ", ".join(f"{n} {kind}" for kind, n in totals.most_common()))
    return int(any(kind in totals for kind in ("died", "hung", "no JSON", "refused without a word")))


if __name__ == "__main__":
    sys.exit(main())

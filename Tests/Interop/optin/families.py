"""Does surgery by Suture compute what the same surgery in memory computes? Type by type of transformers, in logits.

    python families.py [TYPE ...] [--list FILE] [--ops up,prune] [--limit 120] [--keep DIR] [--out table.tsv]

For each type two tiny random models, `a` and `b`, are saved; Suture makes outputs of them; the same is made by moving
modules in memory; the outputs are loaded with from_pretrained (no key missing, unexpected or of another shape) and
compared in float32. Without TYPE it takes every type that has a class, and the variants of `tiny_settings.py`; it runs
for hours on one core, so no test starts it, and `--list` takes a part. It needs torch and transformers. `SUTURE` names
the program.

    up      a[0:8] + a[3:13], which no period of layers survives    repeat  three times the same two layers
    prune   five layers less                                        mix     runs of a and b, one of them reversed
    splice  attention of a in b, its norms with it                  expand  three blocks with `residual: 0`, and the
                                                                            proof that they do nothing: then each
                                                                            tensor that is 0 for it must be needed

Verdicts: equal; refused, with the reason; not-run, with the reason, which is this script's or the class's own; WRONG;
false-proof; needless, with what is 0 in vain. A refused proof is told to hold or not by building the same without it.
Exit 1 where one is wrong.
"""

import argparse
import json
import os
import re
import shutil
import signal
import sys
import tempfile
import traceback
import warnings
from collections import Counter
from pathlib import Path

os.environ |= {"HF_HUB_OFFLINE": "1", "TRANSFORMERS_VERBOSITY": "critical", "TOKENIZERS_PARALLELISM": "false"}
warnings.filterwarnings("ignore")
sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import torch  # noqa: E402
import transformers  # noqa: E402

import suture  # noqa: E402
import surgery  # noqa: E402
import tiny  # noqa: E402
from tiny import DEPTH  # noqa: E402

torch.set_num_threads(1)
transformers.utils.logging.disable_progress_bar()

ORDERS = {
    "up": [("a", layer) for layer in [*range(DEPTH - 5), *range(3, DEPTH)]],
    "prune": [("a", layer) for layer in [*range(4), *range(9, DEPTH)]],
    "repeat": [("a", layer) for layer in [*range(6), 4, 5, 4, 5, *range(6, DEPTH)]],
    "mix": [("a", 0), ("a", 1), ("a", 2), *(("b", layer) for layer in range(4, 9))]
    + [("a", layer) for layer in range(9, 5, -1)] + [("b", layer) for layer in range(2, 7)]
    + [("a", layer) for layer in range(DEPTH - 4, DEPTH)],
}
NEW = "expand: {from: a, after: [1, 6, 10], insert: {copy: previous, set: {residual: 0}}}"
GRAPHS = {
    "up": f'stack: ["a[0:{DEPTH - 5}]", "a[3:{DEPTH}]"]',
    "prune": f'stack: ["a[0:4]", "a[9:{DEPTH}]"]',
    "repeat": f'stack: ["a[0:4]", {{from: "a[4:6]", repeat: 3}}, "a[6:{DEPTH}]"]',
    "mix": f'stack: ["a[0:3]", "b[4:9]", "a[9:5:-1]", "b[2:7]", "a[{DEPTH - 4}:{DEPTH}]"]',
    "expand": NEW,
}
HALF = ["attn.*", "cross_attn.*", "ssm.*", "norm.attn", "norm.attn_post", "norm.cross_attn", "norm.cross_attn_post", "norm.shared"]


class Measured:
    """One type: its two models, what they are fed with and what they make of it."""

    def __init__(self, name: str, folder: Path):
        self.name, self.family, self.folder = name, name.split("#")[0], folder
        config, self.kind = tiny.config_of(name), tiny.class_of(self.family)
        with torch.device("meta"):
            size = sum(tensor.numel() for tensor in self.kind(config).parameters())
        if size > 120e6:
            raise tiny.NotRun(f"{size // 1_000_000} million parameters at its smallest")
        self.a, told = tiny.make(self.kind, config, 11, folder / "a")
        if told:
            raise tiny.NotRun(f"its class does not read back what it saved: {told}")
        self.b, _ = tiny.make(self.kind, config, 22, folder / "b")
        self.inputs, self.plain = tiny.inputs_of(self.family, self.a)
        untouched = surgery.moved(self.a, self.b, [("a", layer) for layer in range(DEPTH)])
        if told := difference(self.run(untouched), self.plain):
            raise tiny.NotRun("copying every layer in memory: " + told)
        shown = suture.run("inspect", folder / "a", "--json")
        self.roles = {one["role"] for one in json.loads(shown.answer)["tensors"]} if shown.code == 0 else set()

    def run(self, model):
        return tiny.run(model, self.inputs)

    def build(self, operation: str, graph: str, expect: str = "") -> suture.Run:
        recipe = self.folder / f"{operation}.yml"
        named = [name for name in "ab" if re.search(rf'\b{name}\b', graph)]
        inputs = ", ".join(f"{name}: {self.folder / name}" for name in named)
        recipe.write_text(f"slicegraph: 1\nname: {operation}\ninputs: {{{inputs}}}\ngraph: {{out: {{{graph}}}}}\n{expect}")
        return suture.run("build", recipe, "-o", self.folder / operation, "--threads", "1")

    def loaded(self, operation: str):
        model, told = tiny.load(self.kind, self.folder / operation)
        return self.run(model), told

    def half(self) -> list[str]:
        """The terms of the splice that mean something here."""
        return [term for term in HALF if any(re.fullmatch(term.replace("*", ".*"), role) for role in self.roles)]

    def verdict(self, operation: str) -> tuple[str, str]:
        if operation == "expand":
            return self.identity()
        if operation == "splice":
            want = surgery.spliced(self.a, self.b, self.family)
            if not self.half() or want is None:
                return "not-run", "its layers have no two halves"
            made = self.build(operation, f'splice: {{onto: b, take: [{{where: {json.dumps(self.half())}, from: a}}]}}')
            expected = lambda: self.run(want)  # noqa: E731
        else:
            made = self.build(operation, GRAPHS[operation])
            expected = lambda: surgery.moved_or_numbered(self.a, self.b, ORDERS[operation], self.family, self.run)  # noqa: E731
        if made.code:
            return "refused", reason(made)
        try:
            output, told = tiny.load(self.kind, self.folder / operation)
        except Exception as error:
            return "WRONG", "does not load: " + short(error)
        faults = [fault for fault in [difference(self.run(output), expected()), str(told or "")] if fault]
        if faults and operation == "splice":
            faults.append("of the other model: " + surgery.misplaced(output, want))
        return ("WRONG", "; ".join(faults)) if faults else ("equal", codes(made))

    def needless(self, output) -> str:
        """What is zero in the first new block, and does nothing when it is not either."""
        block, old, names = list(surgery.layers_of(output, DEPTH + 3))[2], list(surgery.layers_of(self.a))[1], []
        plain = self.run(output)
        for name in [name for name, tensor in block.items() if not tensor.any() and old[name].any()]:
            kept = old[name].clone()
            block[name].copy_(kept)
            inert = not difference(self.run(output), plain, 0)
            block[name].zero_()
            old[name].zero_()
            if inert and difference(self.run(self.a), self.plain, 0):  # else the inputs do not reach it
                names.append(name)
            old[name].copy_(kept)
        return " ".join(names)

    def identity(self) -> tuple[str, str]:
        made = self.build("expand", NEW, "expect: {identity_of: a}\n")
        if made.code == 0:
            output, told = tiny.load(self.kind, self.folder / "expand")
            fault = difference(self.run(output), self.plain) or str(told or "")
            needless = "" if fault else self.needless(output)
            return ("false-proof", fault) if fault else ("needless", needless) if needless else ("equal", codes(made))
        words = reason(made)
        bare = self.build("expand", NEW)
        if bare.code:
            return "refused", words
        answer, told = self.loaded("expand")
        holds = not (difference(answer, self.plain) or told)
        return "refused", ("it holds, " if holds else "it does not hold, ") + words


def difference(answer, wanted, within: float = 1e-5) -> str:
    if answer.shape != wanted.shape:
        return f"shape {tuple(answer.shape)} for {tuple(wanted.shape)}"
    off, size = (answer - wanted).abs().max().item(), max(1.0, wanted.abs().max().item())
    return "" if off <= within * size else f"logits differ by {off:.3g} of {size:.3g}"


def reason(made: suture.Run) -> str:
    """The errors that a run told, once each."""
    words = re.sub(r"\s+", " ", made.words)
    errors = re.findall(r"error: (.*? \[[a-z-]+\])", words)
    return "; ".join(dict.fromkeys(errors))[:600] or f"exit {made.code}: {words[-300:]}"


def codes(made: suture.Run) -> str:
    return " ".join(sorted(set(re.findall(r"warning: .*? \[([a-z-]+)\]", re.sub(r"\s+", " ", made.words)))))


def short(error: Exception) -> str:
    return f"{type(error).__name__}: " + re.sub(r"\s+", " ", str(error))[:240]


OPERATIONS = ["up", "prune", "repeat", "mix", "splice", "expand"]


def measure(name: str, folder: Path, operations: list[str]) -> list[tuple[str, str, str]]:
    try:
        measured = Measured(name, folder)
    except Exception as error:
        return [("all", "not-run", str(error) if isinstance(error, tiny.NotRun) else short(error))]
    rows = []
    for operation in operations:
        try:
            rows.append((operation, *measured.verdict(operation)))
        except Exception as error:
            place = traceback.extract_tb(error.__traceback__)[-1]
            rows.append((operation, "not-run", f"{short(error)} ({Path(place.filename).name}:{place.lineno})"))
    return rows


def forked(name: str, folder: Path, operations: list[str], limit: int) -> list[tuple[str, str, str]]:
    """In a process of its own, with a limit of time: classes crash, and keep what they allocate."""
    answer = folder / "rows.json"
    if (child := os.fork()) == 0:
        signal.alarm(limit)
        answer.write_text(json.dumps(measure(name, folder, operations)))
        os._exit(0)
    os.waitpid(child, 0)
    return json.loads(answer.read_text()) if answer.exists() else [("all", "not-run", f"ended within {limit} seconds")]


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("types", nargs="*")
    parser.add_argument("--list", type=Path, help="a file of types, one a line")
    parser.add_argument("--ops", default=",".join(OPERATIONS))
    parser.add_argument("--limit", type=int, default=240, help="seconds a type")
    parser.add_argument("--keep", type=Path, help="where models, recipes and outputs are kept")
    parser.add_argument("--out", type=Path)
    options = parser.parse_args()
    types = options.types + (options.list.read_text().split() if options.list else [])
    totals, lines = {}, []
    for name in types or tiny.every_type():
        folder = (options.keep or Path(tempfile.mkdtemp())) / name
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        for operation, verdict, words in forked(name, folder, options.ops.split(","), options.limit):
            totals.setdefault(operation, Counter())[verdict] += 1
            lines.append("\t".join([name, operation, verdict, words]))
            if verdict != "equal":
                print(lines[-1], flush=True)
        if options.out:
            options.out.write_text("\n".join(lines) + "\n")
        if not options.keep:
            shutil.rmtree(folder.parent)
    for operation, counts in totals.items():
        print(f"{operation:8}", ", ".join(f"{count} {verdict}" for verdict, count in counts.most_common()))
    return 1 if any(counts["WRONG"] or counts["false-proof"] or counts["needless"] for counts in totals.values()) else 0


if __name__ == "__main__":
    sys.exit(main())

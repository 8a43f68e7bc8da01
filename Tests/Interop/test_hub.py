"""Models from a hub by name: what is fetched of them, what is kept, and what is said when the hub gives nothing."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

import checkpoints
import suture
from hub import Hub, Repository

STACK = """
slicegraph: 1
name: stack
inputs: {a: org/one, b: org/two}
graph:
  out:
    stack: ["a[0:2]", "b[1:3]"]
"""

BLEND = """
slicegraph: 1
name: blend
inputs: {a: org/one, b: org/two}
graph:
  out: {blend: {method: slerp, inputs: [a, b], params: {t: 0.5}}}
"""


@pytest.fixture(scope="module")
def models(tmp_path_factory):
    """Two models of three shards, some 24 MB each."""
    folder = tmp_path_factory.mktemp("models")
    for number, name in enumerate(["one", "two"], 1):
        made = suture.synthetic(f"llama?layers=8&hidden=256&mlp=768&vocab=4000&shards=3&seed={number}")
        shutil.copytree(made, folder / name)
    return folder


class Bench:
    def __init__(self, hub, folder, models):
        self.hub, self.folder, self.models = hub, folder, models

    @property
    def environment(self):
        return {
            "HF_ENDPOINT": self.hub.endpoint,
            "HF_HUB_CACHE": str(self.folder / "hf" / "hub"),
            "HF_HOME": str(self.folder / "hf"),
            "HF_HUB_OFFLINE": "0",
            "SUTURE_CACHE": str(self.folder / "suture"),
            "HF_HUB_DISABLE_XET": "1",
        }

    def recipe(self, text=STACK):
        path = self.folder / "recipe.yml"
        path.write_text(text)
        return path

    def run(self, *words, **environment):
        return suture.run(*words, environment=self.environment | environment)

    def expected(self, text=STACK):
        """What comes of the same recipe on the models' folders."""
        local = self.folder / "local.yml"
        local.write_text(text)
        out = self.folder / "local"
        if not out.exists():
            inputs = [f"--input=a={self.models / 'one'}", f"--input=b={self.models / 'two'}"]
            outcome = suture.run("build", local, "-o", out, *inputs)
            assert outcome.code == 0, str(outcome)
        return checkpoints.read(out)

    @property
    def size(self):
        return sum(path.stat().st_size for path in self.models.rglob("*.safetensors"))


@pytest.fixture
def bench(tmp_path, models):
    hub = Hub()
    hub.repositories = {f"org/{name}": Repository(models / name) for name in ("one", "two")}
    yield Bench(hub, tmp_path, models)
    hub.close()


def succeeded(outcome):
    assert outcome.code == 0, str(outcome)
    return outcome


def test_check_and_plan_read_headers_only(bench):
    succeeded(bench.run("check", bench.recipe()))
    weights = [name for _, name, _ in bench.hub.requests if name.endswith(".safetensors")]
    assert len(set(weights)) == 6
    assert bench.hub.sent < bench.size / 50
    bench.hub.reset()
    plan = json.loads(succeeded(bench.run("plan", bench.recipe(), "--json")).answer)
    assert bench.hub.sent == 0, "what a check fetched is there"
    assert {source["revision"] for source in plan["sources"]} == {
        repository.commit for repository in bench.hub.repositories.values()
    }


def test_build_fetches_what_it_uses_and_nothing_twice(bench):
    out = bench.folder / "out"
    outcome = succeeded(bench.run("build", bench.recipe(), "-o", out))
    assert "to fetch" in outcome.words
    assert checkpoints.read(out) == bench.expected()
    used = sum(len(tensor.data) for tensor in checkpoints.read(out).values())
    assert bench.hub.sent < 1.1 * used + 200_000
    assert not bench.hub.leaks
    bench.hub.reset()
    succeeded(bench.run("build", bench.recipe(), "-o", out, "--force"))
    assert bench.hub.sent == 0
    bench.hub.reset()
    succeeded(bench.run("build", bench.recipe(), "-o", out, "--force", "--offline"))
    assert not bench.hub.requests


def test_blend_of_whole_models_and_their_files_in_the_cache(bench):
    out = bench.folder / "out"
    succeeded(bench.run("build", bench.recipe(BLEND), "-o", out))
    assert checkpoints.read(out) == bench.expected(BLEND)
    assert bench.hub.sent < 1.02 * bench.size + 400_000
    code = (
        "import huggingface_hub as h\n"
        "print(h.snapshot_download('org/one', local_files_only=True))\n"
        "info = h.scan_cache_dir()\n"
        "assert not info.warnings, info.warnings\n"
        "print(sorted(r.repo_id for r in info.repos))\n"
    )
    bench.hub.reset()
    environment = os.environ | bench.environment | {"HF_HUB_OFFLINE": "1"}
    done = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    folder = Path(done.stdout.splitlines()[0])
    for path in (bench.models / "one").iterdir():
        assert (folder / path.name).read_bytes() == path.read_bytes()
        assert (folder / path.name).is_symlink()
    assert not bench.hub.requests


def test_the_hubs_own_client_works_against_this_server(bench):
    code = "import huggingface_hub as h; print(h.snapshot_download('org/two'))"
    environment = os.environ | bench.environment
    done = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert checkpoints.read(Path(done.stdout.strip())) == checkpoints.read(bench.models / "two")
    bench.hub.reset()
    succeeded(bench.run("inspect", "org/two"))
    assert not bench.hub.requests, "what others fetched is taken as it is"


@pytest.mark.parametrize("fault", [{"busy": 3}, {"errors": 2}, {"cuts": 12}, {"cuts": 40, "cut_after": 65536}])
def test_hubs_that_falter_are_waited_for(bench, fault):
    for name, value in fault.items():
        setattr(bench.hub, name, value)
    out = bench.folder / "out"
    succeeded(bench.run("build", bench.recipe(), "-o", out))
    assert checkpoints.read(out) == bench.expected()
    used = sum(len(tensor.data) for tensor in checkpoints.read(out).values())
    assert bench.hub.sent < 1.2 * used + 200_000, "what came before a cut is not fetched again"


def test_killed_builds_go_on(bench):
    bench.hub.bytes_per_second = 6e6
    out, kills = bench.folder / "out", 0
    command = [str(suture.program()), "build", str(bench.recipe()), "-o", str(out), "--resume"]
    for delay in (0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9) * 3:
        process = subprocess.Popen(command, env=os.environ | bench.environment, stderr=subprocess.PIPE)
        try:
            process.communicate(timeout=delay)
            break
        except subprocess.TimeoutExpired:
            process.send_signal(signal.SIGKILL)
            process.communicate()
            assert not out.exists()
            kills += 1
    else:
        bench.hub.bytes_per_second = None
        succeeded(bench.run("build", bench.recipe(), "-o", out, "--resume"))
    assert kills >= 2
    assert checkpoints.read(out) == bench.expected()


@pytest.mark.parametrize(
    "change, words, code, exit_code",
    [
        (lambda hub: hub.repositories.pop("org/two"), "org/two", "model-not-found", 1),
        (lambda hub: setattr(hub.repositories["org/two"], "is_gated", True), "gated", "model-gated", 1),
        (lambda hub: setattr(hub, "token", "hf_other"), "HF_TOKEN", "hub-token", 1),
        (lambda hub: setattr(hub, "busy", 1000), "too many requests", "hub-busy", 3),
        (lambda hub: setattr(hub, "errors", 1000), "503", "hub-down", 3),
        (lambda hub: setattr(hub, "ignores_range", True), "whole file", "hub-ignores-range", 1),
        (lambda hub: setattr(hub, "linked_etag", "0" * 64), "ETag", "source-changed", 1),
        (lambda hub: vars(hub).update(etag_changes=True, cuts=60), "called them", "source-changed", 1),
        (lambda hub: hub.repositories["org/two"].revisions.pop("main"), "main", "revision-not-found", 1),
    ],
)
def test_errors_teach(bench, change, words, code, exit_code):
    change(bench.hub)
    out = bench.folder / "out"
    outcome = bench.run("build", bench.recipe(), "-o", out, "--json", HF_TOKEN="hf_right")
    assert outcome.code == exit_code, str(outcome)
    assert code in outcome.words + outcome.answer, str(outcome)
    assert words in outcome.words, str(outcome)
    assert not out.exists()
    assert "hf_right" not in outcome.words + outcome.answer
    assert not bench.hub.leaks


def test_the_token_stays_with_the_hub(bench):
    bench.hub.repositories["org/one"].is_private = True
    out = bench.folder / "out"
    succeeded(bench.run("build", bench.recipe(), "-o", out, HF_TOKEN="hf_right"))
    assert not bench.hub.leaks
    for path in [*out.rglob("*"), *bench.folder.joinpath("suture").rglob("*")]:
        assert not path.is_file() or b"hf_right" not in path.read_bytes()
    assert bench.run("inspect", "org/one", HF_HUB_CACHE=str(bench.folder / "x" / "hub")).code == 1
    refused = bench.run("inspect", "org/one@main", HF_HUB_CACHE=str(bench.folder / "y" / "hub"),
                        HF_HUB_DISABLE_IMPLICIT_TOKEN="1", HF_TOKEN="hf_right")
    assert refused.code == 1 and "model-not-found" in refused.words


def test_nobody_at_the_address(bench):
    bench.hub.close()
    outcome = bench.run("check", bench.recipe())
    assert outcome.code == 3 and "hub-unreachable" in outcome.words, str(outcome)
    outcome = bench.run("check", bench.recipe(), HF_ENDPOINT="http://nobody.invalid")
    assert outcome.code == 3 and "hub-unreachable" in outcome.words, str(outcome)
    outcome = bench.run("check", bench.recipe(), "--offline")
    assert outcome.code == 1 and "model-not-found" in outcome.words, str(outcome)


def test_other_bytes_than_the_hub_says(bench):
    succeeded(bench.run("check", bench.recipe()))
    bench.hub.corrupts = True
    outcome = bench.run("fetch", "org/one")
    assert outcome.code == 3 and "hub-corrupt" in outcome.words, str(outcome)
    bench.hub.corrupts = False
    folder = Path(succeeded(bench.run("fetch", "org/one")).answer.strip())
    assert checkpoints.read(folder) == checkpoints.read(bench.models / "one")


def test_other_bytes_than_the_hub_says_make_no_model(bench):
    recipe = bench.folder / "whole.yml"
    recipe.write_text("slicegraph: 1\ninputs: {a: org/one}\ngraph: {out: {slice: a}}\n")
    succeeded(bench.run("check", recipe))
    bench.hub.corrupts = True
    out = bench.folder / "out"
    outcome = bench.run("build", recipe, "-o", out)
    assert outcome.code == 3 and "hub-corrupt" in outcome.words, str(outcome)
    assert not out.exists()


def test_diff_reads_the_hub(bench):
    answer = succeeded(bench.run("diff", "org/one", bench.models / "one", "org/two", "--json")).answer
    same, other = json.loads(answer)
    assert all(tensor["equal"] for tensor in same["tensors"]) and not same["unpaired"]
    assert not other["equal"] and other["total"]["relative"] > 0
    outcome = bench.run("diff", "org/one", "org/none")
    assert outcome.code == 1 and "org/none" in outcome.words, str(outcome)


def test_fetch_then_build_without_a_network(bench):
    succeeded(bench.run("fetch", bench.recipe()))
    bench.hub.reset()
    out = bench.folder / "out"
    succeeded(bench.run("build", bench.recipe(), "-o", out, "--offline"))
    assert not bench.hub.requests
    assert checkpoints.read(out) == bench.expected()
    kept = json.loads(succeeded(bench.run("cache", "list", "--json")).answer)
    assert {entry["model"] for entry in kept["files"]} == {"org/one", "org/two"}
    succeeded(bench.run("cache", "prune"))
    assert json.loads(succeeded(bench.run("cache", "list", "--json")).answer)["files"] == []
    outcome = bench.run("build", bench.recipe(), "-o", out, "--force", "--offline")
    assert outcome.code == 1 and "hub-offline" in outcome.words, str(outcome)


def test_a_saved_plan_and_a_lock(bench):
    recipe, out = bench.recipe(), bench.folder / "out"
    saved = bench.folder / "plan.json"
    succeeded(bench.run("lock", recipe))
    succeeded(bench.run("plan", recipe, "-o", saved))
    succeeded(bench.run("run", saved, "-o", out))
    assert checkpoints.read(out) == bench.expected()
    for repository in bench.hub.repositories.values():
        repository.revisions["main"] = "f" * 40
    succeeded(bench.run("build", recipe, "-o", out, "--force", "--locked"))
    assert checkpoints.read(out) == bench.expected()
    succeeded(bench.run("verify", out, "--recompute", "all", f"--input=a=org/one@{bench.hub.repositories['org/one'].commit}",
                        f"--input=b=org/two@{bench.hub.repositories['org/two'].commit}"))

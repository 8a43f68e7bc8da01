"""A plan that is run in parts by several processes, as machines with one shared folder would; and its job files."""

import json
import os
import random
import re
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import kubernetes_validate
import pytest
import yaml

import suture

RECIPE = """\
slicegraph: 1
name: Mixed & stacked
inputs:
  a: "synthetic:llama?layers=4&hidden=128&seed=1"
  b: "synthetic:llama?layers=4&hidden=128&seed=1&tune=2"
graph:
  mixed: {blend: {method: ties, base: a, inputs: [{from: b, weight: 0.7}], params: {density: 0.5}}}
  out: {stack: ["a[0:3]", "mixed[1:4]"]}
"""


@pytest.fixture(scope="module")
def whole(tmp_path_factory) -> Path:
    return suture.build(RECIPE, tmp_path_factory.mktemp("whole") / "out", "--shard-size", "400KB")


@pytest.fixture(scope="module")
def plan(whole) -> Path:
    path = whole.parent / "plan.json"
    outcome = suture.run("plan", whole.parent / "out.yml", "--shard-size", "400KB", "-o", path)
    assert outcome.code == 0, str(outcome)
    assert outcome.answer == f"{path}\n"
    return path


def contents(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def start(*arguments, environment=None, stdin=subprocess.DEVNULL) -> subprocess.Popen:
    return subprocess.Popen(
        [str(suture.program()), *map(str, arguments)],
        env=os.environ | (environment or {}),
        stdin=stdin,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


@pytest.mark.parametrize("count", [2, 7])
def test_parts_side_by_side_make_what_one_build_makes(whole, plan, tmp_path, count):
    out = tmp_path / "out"
    numbers = list(range(1, count + 1))
    random.Random(count).shuffle(numbers)
    running = [start("run", plan, "-o", out, "--part", f"{number}/{count}", "--threads", 1) for number in numbers]
    for process in running:
        said = process.communicate(timeout=120)
        assert process.returncode == 0, said
    assert not out.exists()
    status = json.loads(suture.run("status", out, "--json").answer)
    assert [part["state"] for part in status["parts"]] == ["done"] * count
    finished = suture.run("finish", plan, "-o", out)
    assert finished.code == 0, str(finished)
    assert finished.answer == f"{out}\n"
    assert contents(out) == contents(whole)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["out"]
    for again in (["finish"], ["run", "--part", f"1/{count}"]):
        assert suture.run(again[0], plan, "-o", out, *again[1:]).code == 0
    assert contents(out) == contents(whole)


def test_what_is_missing_or_of_another_plan_is_named(whole, plan, tmp_path):
    out = tmp_path / "out"
    assert suture.run("status", out).code == 1
    assert suture.run("run", plan, "-o", out, "--part", "2/3").code == 0
    missing = suture.run("finish", plan, "-o", out)
    assert (missing.code, "1, 3" in missing.words) == (3, True), str(missing)
    other = tmp_path / "other.json"
    assert suture.run("plan", whole.parent / "out.yml", "-o", other).code == 0
    for arguments in (["run", other, "--part", "1/3"], ["run", plan, "--part", "1/4"], ["finish", other]):
        refused = suture.run(arguments[0], arguments[1], "-o", out, *arguments[2:])
        assert refused.code == 1, str(refused)
        assert "help:" in refused.words
    assert suture.run("build", whole.parent / "out.yml", "-o", out).code == 1


def test_a_plan_that_was_edited_is_refused_with_the_path_to_the_fault(plan, tmp_path):
    edited = json.loads(plan.read_text())
    edited["tensors"][3]["tree"] = {"stored": {"source": 9}}
    path = tmp_path / "plan.json"
    path.write_text(json.dumps(edited))
    refused = suture.run("run", path, "-o", tmp_path / "out", "--part", "1/2")
    assert refused.code == 1
    assert "tensors[3].tree.stored" in refused.words
    assert sorted(path.name for path in tmp_path.iterdir()) == ["plan.json"]


def test_a_signal_ends_a_run_with_what_it_has(tmp_path):
    recipe = RECIPE.replace("hidden=128", "hidden=1024&vocab=32000")
    path = suture.written(recipe, tmp_path / "out")
    plan = tmp_path / "plan.json"
    assert suture.run("plan", path, "-o", plan).code == 0
    for command in (
        ["run", plan, "-o", tmp_path / "parts", "--part", "1/1"],
        ["build", path, "-o", tmp_path / "built"],
    ):
        running = start(*command, "--threads", 1)
        while True:
            status = suture.run("status", command[3], "--json")
            if status.code == 0 and json.loads(status.answer)["parts"][0]["state"] == "running":
                break
            assert running.poll() is None, running.communicate()
        running.send_signal(signal.SIGTERM)
        said = running.communicate(timeout=60)
        assert running.returncode == 3, said
        assert "is kept" in said[1]
        assert not command[3].exists()
        assert json.loads(suture.run("status", command[3], "--json").answer)["parts"][0]["state"] == "stopped"
    assert suture.run(*command, "--resume").code == 0
    assert suture.run("run", plan, "-o", tmp_path / "parts", "--part", "1/1").code == 0
    assert suture.run("finish", plan, "-o", tmp_path / "parts").code == 0
    assert contents(tmp_path / "parts") == contents(tmp_path / "built")


@pytest.mark.parametrize("command", [["check"], ["plan"], ["explain"], ["recipe", "expand"]], ids=" ".join)
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_any_command_with_a_word(command, number):
    # The recipe never comes: standard input stays open, and nothing is written into it.
    more = ["0"] if command == ["explain"] else []
    running = start(*command, "-", *more, stdin=subprocess.PIPE)
    while "SigCgt" not in (listening := Path(f"/proc/{running.pid}/status").read_text()) or not (
        int(listening.split("SigCgt:")[1].split()[0], 16) >> (number - 1) & 1
    ):
        assert running.poll() is None
    running.send_signal(number)
    assert running.wait(timeout=60) == 3
    assert "stopped, as asked" in running.stderr.read()


def test_sources_may_be_elsewhere_with_the_times_they_had(whole, plan, tmp_path):
    folder = suture.synthetic("llama?layers=4&hidden=128&seed=1")
    shutil.copytree(folder, tmp_path / "kept")
    shutil.copytree(folder, tmp_path / "fresh", copy_function=shutil.copyfile)
    out = tmp_path / "out"
    refused = suture.run("run", plan, "-o", out, "--part", "1/1", "--input", f"a={tmp_path / 'fresh'}")
    assert refused.code == 1, str(refused)
    assert "changed at another time" in refused.words
    done = suture.run("run", plan, "-o", out, "--part", "1/1", "--input", f"a={tmp_path / 'kept'}")
    assert done.code == 0, str(done)
    assert suture.run("finish", plan, "-o", out, "--input", f"a={tmp_path / 'kept'}").code == 0
    assert contents(out) == contents(whole)


ODD = "it's $(HOME) & \"more\" {x} \\n"

FAKE_SBATCH = """\
#!{python}
# Runs what is submitted at once, one task after another, as Slurm would.
import os, re, subprocess, sys
script = sys.stdin.read()
number = 100 + len(os.listdir("{logs}"))
open("{logs}/%d" % number, "w").write(" ".join(sys.argv[1:]) + "\\n" + script)
array = re.search(r"^#SBATCH --array=1-(\\d+)$", script, re.M)
for task in range(1, int(array[1]) + 1) if array else [None]:
    extra = {{"SLURM_ARRAY_TASK_ID": str(task), "SLURM_ARRAY_TASK_COUNT": array[1], "SLURM_ARRAY_TASK_MIN": "1"}} if task else {{}}
    subprocess.run(["bash"], input=script, text=True, env=os.environ | extra, check=True, stdout=sys.stderr)
print(number)
"""


def export(scheduler, plan, out, *arguments):
    outcome = suture.run("export", scheduler, plan, "-o", out, "--program", suture.program(), "--cores", 1, *arguments)
    assert outcome.code == 0, str(outcome)
    return outcome.answer


def test_the_slurm_script_submits_parts_and_what_comes_after_them(whole, plan, tmp_path):
    out = tmp_path / ODD / "out"
    (tmp_path / "bin").mkdir()
    (tmp_path / "logs").mkdir()
    sbatch = tmp_path / "bin" / "sbatch"
    sbatch.write_text(FAKE_SBATCH.format(python=sys.executable, logs=tmp_path / "logs"))
    sbatch.chmod(0o755)
    script = export("slurm", plan, out, "--parts", 4)
    done = subprocess.run(
        ["bash"],
        input=script,
        env=os.environ | {"PATH": f"{tmp_path / 'bin'}:{os.environ['PATH']}"},
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout == "parts 100, finish 101\n"
    assert (tmp_path / "logs" / "101").read_text().startswith("--parsable --dependency=afterok:100 ")
    assert contents(out) == contents(whole)


def test_the_kubernetes_jobs_are_what_the_schema_asks_for(plan, tmp_path):
    out = f"/models/{ODD}/out"
    text = export("kubernetes", plan, out, "--parts", 4, "--claim", "models", "--image", "registry/suture:1")
    parts, finish = yaml.safe_load_all(text)
    for job in (parts, finish):
        kubernetes_validate.validate(job, "1.31", strict=True)
    spec = parts["spec"]
    assert (spec["completionMode"], spec["completions"], spec["parallelism"]) == ("Indexed", 4, 4)
    arguments = spec["template"]["spec"]["containers"][0]["command"]
    assert arguments[1:6] == ["run", str(plan), "-o", out.replace("$", "$$"), "--part-env"]
    assert arguments[6:9] == ["JOB_COMPLETION_INDEX", "--parts", "4"]
    assert spec["podFailurePolicy"]["rules"][0]["onExitCodes"]["values"] == [1, 64]


def test_the_snakefile_is_python_that_names_the_parts(plan, tmp_path):
    text = export("snakemake", plan, tmp_path / ODD / "out", "--parts", 4)
    values = {}
    exec("\n".join(re.findall(r"^[A-Z]+ = .*$", text, re.M)), values)
    assert (values["PLAN"], values["OUTPUT"], values["PARTS"]) == (str(plan), str(tmp_path / ODD / "out"), 4)

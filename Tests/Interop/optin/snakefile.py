"""Runs a plan in parts with a real Snakemake (`pip install snakemake`).

    SUTURE=.build/release/suture python Tests/Interop/optin/snakefile.py

The Snakefile that `suture export snakemake` prints is linted, shown, run with four parts, and run again for nothing.
"""

import os
import subprocess
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
import suture  # noqa: E402

RECIPE = """\
slicegraph: 1
inputs: {a: "synthetic:llama?layers=6&hidden=128&seed=1"}
graph: {out: {stack: ["a[0:5]", {from: "a[1:6]", scale: {attn.o: 0.5}}]}}
"""


def contents(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def main():
    with tempfile.TemporaryDirectory(prefix="suture-snakemake-") as name:
        folder = Path(name)
        os.environ["SUTURE_CACHE"] = str(folder / "cache")
        work = folder / "it's $(work) {here}"
        work.mkdir()
        recipe = suture.written(RECIPE, work / "recipe")
        plan, out = work / "plan.json", work / "out"
        assert suture.run("plan", recipe, "-o", plan).code == 0
        exported = suture.run(
            "export", "snakemake", plan, "-o", out, "--parts", 4, "--cores", 1, "--program", suture.program()
        )
        assert exported.code == 0, str(exported)
        (folder / "Snakefile").write_text(exported.answer)

        def snakemake(*arguments):
            done = subprocess.run(
                [sys.executable, "-m", "snakemake", "-s", str(folder / "Snakefile"), "-d", str(folder / "run"), *arguments],
                capture_output=True,
                text=True,
            )
            print(f"snakemake {' '.join(arguments)}: exit {done.returncode}")
            return done

        (folder / "run").mkdir()
        print(snakemake("--lint").stderr.strip())
        shown = snakemake("-n", "--cores", "2")
        assert shown.returncode == 0, shown.stdout + shown.stderr
        done = snakemake("--cores", "2")
        assert done.returncode == 0, done.stdout + done.stderr
        assert "6 of 6 steps (100%) done" in done.stderr, done.stderr
        again = snakemake("--cores", "2")
        assert "Nothing to be done" in again.stdout + again.stderr, again.stderr
        assert contents(out) == contents(suture.build(recipe, work / "built"))
        print("the bytes are those of one build")


main()

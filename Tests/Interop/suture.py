"""Runs the `suture` program as a person would, and says what it answered."""

import json
import os
import subprocess
from dataclasses import dataclass
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[2]


def program() -> Path:
    """The program under test: `SUTURE`, or the newest of the two builds."""
    if chosen := os.environ.get("SUTURE"):
        return Path(chosen).resolve()
    builds = [REPOSITORY / ".build" / name / "suture" for name in ("release", "debug")]
    built = [build for build in builds if build.exists()]
    if not built:
        raise SystemExit("no suture to test: run `swift build` first, or set SUTURE to the program")
    return max(built, key=lambda build: build.stat().st_mtime)


@dataclass
class Run:
    """What one run of the program left: its exit code, its answer and what it said beside it."""

    code: int
    answer: str
    words: str

    def __str__(self) -> str:
        return f"exit {self.code}\n{self.answer}{self.words}"


def run(*arguments, cwd=None, environment=None) -> Run:
    """Runs `suture` with arguments; a run that takes two minutes hangs and fails."""
    done = subprocess.run(
        [str(program()), *map(str, arguments)],
        cwd=cwd,
        env=os.environ | {"NO_COLOR": "1"} | (environment or {}),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=120,
    )
    return Run(done.returncode, done.stdout, done.stderr)


def build(recipe, folder: Path, *arguments, cwd=None) -> Path:
    """Builds a recipe (a file, or text) that must succeed; gives the output folder, which the program named."""
    path = written(recipe, folder)
    outcome = run("build", path, "-o", folder, *arguments, cwd=cwd)
    assert outcome.code == 0, str(outcome)
    assert Path(outcome.answer.strip()) == folder
    return folder


def plan(recipe, folder: Path, *arguments, cwd=None) -> dict:
    """The plan of a recipe that must have one, as JSON."""
    outcome = run("plan", written(recipe, folder), "--format", "json", *arguments, cwd=cwd)
    assert outcome.code == 0, str(outcome)
    return json.loads(outcome.answer)


def written(recipe, folder: Path) -> Path:
    """The file of a recipe; text is written beside the folder that it is for."""
    if isinstance(recipe, Path):
        return recipe
    folder.parent.mkdir(parents=True, exist_ok=True)
    path = folder.parent / (folder.name + ".yml")
    path.write_text(recipe)
    return path


def synthetic(description: str) -> Path:
    """The folder of a made-up model, which the program makes on first sight."""
    outcome = run("inspect", "synthetic:" + description, "--json")
    assert outcome.code == 0, str(outcome)
    return Path(json.loads(outcome.answer)["folder"])

"""Runs a plan in parts on a real Slurm: slurmctld, slurmd and munge on this machine, as root.

    apt-get install slurm-wlm munge
    SUTURE=.build/release/suture python Tests/Interop/optin/slurm.py [HIDDEN]

HIDDEN makes the models larger or smaller, so that parts run for some seconds.

An array of four parts is submitted by the script that `suture export slurm` prints; one part is killed while it runs and
queued again, and the finishing job waits for all of them. The bytes must be those of one build.
"""

import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
import suture  # noqa: E402

RECIPE = """\
slicegraph: 1
name: slurm
inputs:
  a: "synthetic:llama?layers=8&hidden=HIDDEN&vocab=8000&seed=1"
  b: "synthetic:llama?layers=8&hidden=HIDDEN&vocab=8000&seed=1&tune=2"
graph:
  mixed: {blend: {method: ties, base: a, inputs: [{from: b, weight: 0.7}], params: {density: 0.5}}}
  out: {stack: ["mixed[0:6]", "mixed[2:8]", "b[4:8]"]}
"""

CONFIG = """\
ClusterName=suture
SlurmctldHost={host}(127.0.0.1)
SlurmUser=root
SlurmdUser=root
AuthType=auth/munge
AuthInfo=socket={folder}/munge/socket
StateSaveLocation={folder}/state
SlurmdSpoolDir={folder}/spool
SlurmctldPidFile={folder}/slurmctld.pid
SlurmdPidFile={folder}/slurmd.pid
SlurmctldLogFile={folder}/slurmctld.log
SlurmdLogFile={folder}/slurmd.log
SlurmctldPort=16817
SlurmdPort=16818
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
SelectType=select/cons_tres
SelectTypeParameters=CR_Core
SlurmdParameters=config_overrides
SchedulerParameters=requeue_delay=1
JobRequeue=1
KillWait=10
MailProg=/bin/true
MpiDefault=none
ReturnToService=2
NodeName={host} NodeAddr=127.0.0.1 CPUs=2 RealMemory=4000 State=UNKNOWN
PartitionName=all Nodes=ALL Default=YES MaxTime=INFINITE State=UP
"""


class Slurm:
    """A cluster of one machine, in a folder of its own."""

    def __init__(self, folder: Path):
        self.folder = folder
        self.running = []
        self.environment = os.environ | {"SLURM_CONF": str(folder / "slurm.conf")}
        for name in ("munge", "state", "spool"):
            (folder / name).mkdir(mode=0o755)
        key = folder / "munge" / "key"
        key.write_bytes(os.urandom(1024))
        key.chmod(0o600)
        host = socket.gethostname().split(".")[0]
        (folder / "slurm.conf").write_text(CONFIG.format(host=host, folder=folder))
        munge = folder / "munge"
        self.start(
            "munged", "--foreground", "--force", f"--socket={munge}/socket", f"--key-file={key}",
            f"--pid-file={munge}/pid", f"--log-file={munge}/log", f"--seed-file={munge}/seed",
        )
        self.wait(lambda: (munge / "socket").exists(), "munged to listen")
        self.start("slurmctld", "-D", "-i")
        self.start("slurmd", "-D", "-N", host)
        self.wait(lambda: " idle" in " " + self.ask("sinfo", "-h", "-o", "%T").replace("\n", " "), "the node to be idle")

    def start(self, *command):
        log = open(self.folder / f"{command[0]}.out", "w")
        self.running.append(subprocess.Popen(command, env=self.environment, stdout=log, stderr=log))

    def ask(self, *command) -> str:
        done = subprocess.run(command, env=self.environment, capture_output=True, text=True, timeout=60)
        return done.stdout

    def wait(self, is_so, what, seconds=120):
        end = time.monotonic() + seconds
        while not is_so():
            if time.monotonic() > end:
                logs = "\n".join(path.read_text(errors="replace")[-2000:] for path in self.folder.glob("slurm*.log"))
                raise SystemExit(f"waited {seconds} s for {what}\n{self.ask('scontrol', 'show', 'job')}\n{logs}")
            time.sleep(0.2)

    def stop(self):
        for process in reversed(self.running):
            process.send_signal(signal.SIGTERM)
        for process in self.running:
            try:
                process.wait(timeout=20)
            except subprocess.TimeoutExpired:
                process.kill()


def contents(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def check(condition, words):
    if not condition:
        raise SystemExit(f"FAILED: {words}")
    print(f"ok: {words}", flush=True)


def main():
    hidden = sys.argv[1] if len(sys.argv) > 1 else "1024"
    folder = Path(tempfile.mkdtemp(prefix="suture-slurm-"))
    os.environ["SUTURE_CACHE"] = str(folder / "cache")
    slurm = None
    try:
        work = folder / "work"
        work.mkdir()
        recipe = suture.written(RECIPE.replace("HIDDEN", hidden), work / "recipe")
        plan, out = work / "plan.json", work / "it's out"
        check(suture.run("plan", recipe, "-o", plan, "--shard-size", "100MB").code == 0, "the recipe is planned")
        script = suture.run("export", "slurm", plan, "-o", out, "--parts", 4, "--cores", 1, "--program", suture.program())
        check(script.code == 0, "the job file is printed")
        (folder / "cluster").mkdir(mode=0o755)
        slurm = Slurm(folder / "cluster")
        start = time.monotonic()
        done = subprocess.run(
            ["bash"], input=script.answer, cwd=work, env=slurm.environment, capture_output=True, text=True
        )
        found = re.fullmatch(r"parts (\d+), finish (\d+)\n", done.stdout)
        check(found, f"two jobs are submitted: {done.stdout.strip()} {done.stderr.strip()}")

        def states():
            status = suture.run("status", out, "--json")
            return [part["state"] for part in json.loads(status.answer)["parts"]] if status.code == 0 else []

        slurm.wait(lambda: "running" in states(), "a part to run")
        time.sleep(0.5)
        tasks = [line.split() for line in slurm.ask("squeue", "-h", "-t", "R", "-o", "%A %i").splitlines()]
        check(tasks, f"tasks run: {tasks}")
        slurm.ask("scontrol", "requeue", tasks[0][0])
        print(f"task {tasks[0][1]} is killed and queued again while parts are {states()}", flush=True)
        missing = suture.run("finish", plan, "-o", out)
        check(missing.code == 3, f"nobody can finish yet: {missing.words.splitlines()[0]}")
        slurm.wait(lambda: out.exists(), "the model", seconds=900)
        seconds = time.monotonic() - start
        slurm.wait(lambda: not slurm.ask("squeue", "-h").strip(), "the queue to be empty")
        jobs = slurm.ask("scontrol", "show", "job")
        check(re.search(r"Restarts=1", jobs), "one task was started twice")
        check("JobState=FAILED" not in jobs and "JobState=CANCELLED" not in jobs, "no job failed")
        built = suture.build(recipe, work / "built", "--shard-size", "100MB")
        check(contents(out) == contents(built), f"the bytes are those of one build ({seconds:.0f} s in the queue)")
        size = sum(len(data) for data in contents(out).values())
        print(f"{size / 1e6:.0f} MB, {len(contents(out))} files")
        for log in sorted(work.glob("slurm-*.out")):
            print(f"{log.name}: {' | '.join(log.read_text().split(chr(10))[-4:]).strip(' |')}")
    finally:
        if slurm:
            slurm.stop()
        if os.environ.get("KEEP"):
            print(f"kept: {folder}")
        else:
            shutil.rmtree(folder, ignore_errors=True)


main()

import SuturePlanning

/// A shell script that submits two jobs to Slurm: an array with a task for each part, and one that finishes after it.
struct SlurmJob {
    let request: JobRequest

    var text: String {
        """
        #!/bin/bash
        # Runs a plan in \(request.parts) parts and finishes it. Submit with: bash FILE
        # Made by \(ToolVersion.text). A part that says with exit code 3 that trying again may help is queued again, and
        # goes on where it stopped.
        set -euo pipefail

        parts=$(sbatch --parsable <<'SUTURE_PART'
        #!/bin/bash
        #SBATCH --job-name=\(request.plainName)
        #SBATCH --array=1-\(request.parts)
        #SBATCH --cpus-per-task=\(request.cores)
        #SBATCH --mem=\(JobRequest.mebibytes(request.jobMemory))M
        #SBATCH --requeue
        #SBATCH --open-mode=append
        #SBATCH --signal=B:TERM@120
        \(program) run \(plan) -o \(output) \\
            --part-env SLURM_ARRAY_TASK_ID --parts \(request.parts) \\
            --threads \(request.cores) --memory \(JobRequest.mebibytes(request.memory))MiB &
        child=$!
        told=no
        trap 'told=yes; kill -TERM "$child"' TERM
        code=0
        wait "$child" || code=$?
        # A signal ends the wait at once, and the program when its block is written.
        if [ "$told" = yes ]; then
            code=0
            wait "$child" || code=$?
        fi
        if [ "$code" -eq 3 ] && [ "${SLURM_RESTART_COUNT:-0}" -lt 10 ]; then
            scontrol requeue "$SLURM_JOB_ID" && sleep 60
        fi
        exit "$code"
        SUTURE_PART
        )
        parts=${parts%%;*}

        finish=$(sbatch --parsable --dependency="afterok:$parts" --kill-on-invalid-dep=yes <<'SUTURE_FINISH'
        #!/bin/bash
        #SBATCH --job-name=\(request.plainName)-finish
        #SBATCH --cpus-per-task=1
        #SBATCH --mem=\(JobRequest.mebibytes(request.jobMemory))M
        #SBATCH --requeue
        #SBATCH --open-mode=append
        \(program) finish \(plan) -o \(output)
        SUTURE_FINISH
        )
        echo "parts $parts, finish ${finish%%;*}"

        """
    }

    private var program: String { Self.quoted(request.program) }
    private var plan: String { Self.quoted(request.plan) }
    private var output: String { Self.quoted(request.output) }

    /// A word as a shell takes it for itself.
    static func quoted(_ word: String) -> String { "'" + word.replacing("'", with: "'\\''") + "'" }
}

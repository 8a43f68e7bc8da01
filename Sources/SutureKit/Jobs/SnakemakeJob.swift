import SutureCheckpoints
import SutureJSON
import SuturePlanning

/// A Snakefile with a rule for parts and one that finishes.
///
/// Snakemake removes the outputs of rules that fail, so it is given small files of its own to look after. Parameters are
/// functions, for it would take braces in plain texts for wildcards.
struct SnakemakeJob {
    let request: JobRequest

    var text: String {
        """
        # Runs a plan in \(request.parts) parts and finishes it: snakemake -s FILE --cores \(request.cores)
        # Made by \(ToolVersion.text).
        SUTURE = \(quoted(request.program))
        PLAN = \(quoted(request.plan))
        OUTPUT = \(quoted(request.output))
        PARTS = \(request.parts)


        rule all:
            input:
                ".\(request.plainName)/finished",


        rule part:
            output:
                touch(".\(request.plainName)/part-{part}-of-\(request.parts)"),
            threads: \(request.cores)
            resources:
                mem_mb=\(JobRequest.mebibytes(request.jobMemory)),
            retries: 3
            params:
                suture=lambda wildcards: SUTURE,
                plan=lambda wildcards: PLAN,
                output=lambda wildcards: OUTPUT,
                parts=lambda wildcards: PARTS,
                memory="\(JobRequest.mebibytes(request.memory))MiB",
            shell:
                "{params.suture:q} run {params.plan:q} -o {params.output:q} --part {wildcards.part}/{params.parts}"
                " --threads {threads} --memory {params.memory}"


        rule finish:
            input:
                expand(".\(request.plainName)/part-{part}-of-\(request.parts)", part=range(1, PARTS + 1)),
            output:
                touch(".\(request.plainName)/finished"),
            resources:
                mem_mb=\(JobRequest.mebibytes(request.jobMemory)),
            retries: 3
            params:
                suture=lambda wildcards: SUTURE,
                plan=lambda wildcards: PLAN,
                output=lambda wildcards: OUTPUT,
            shell:
                "{params.suture:q} finish {params.plan:q} -o {params.output:q}"

        """
    }

    /// A text as Python takes it, which reads JSON's strings.
    private func quoted(_ text: String) -> String { JSONPrinter.print(.string(text)) }
}

import SutureCheckpoints
import SutureJSON
import SuturePlanning

/// Two Jobs for Kubernetes: an indexed one with a completion for each part, and one that tries until it can finish.
///
/// Exit codes 1 and 64 fail the Job, for trying again would not help; a pod that was evicted costs no try.
struct KubernetesJob {
    let request: JobRequest

    var text: String {
        """
        # Runs a plan in \(request.parts) parts and finishes it: kubectl apply -f FILE
        # Made by \(ToolVersion.text). The volume claim holds the plan, its sources and the output, and must allow all pods to
        # write (ReadWriteMany) where they run on several nodes.
        apiVersion: batch/v1
        kind: Job
        metadata:
          name: \(request.plainName)-parts
        spec:
          completionMode: Indexed
          completions: \(request.parts)
          parallelism: \(request.parts)
          backoffLimit: \(max(6, 2 * request.parts))
          podFailurePolicy:
            rules:
              - action: FailJob
                onExitCodes: {containerName: suture, operator: In, values: [1, 64]}
              - action: Ignore
                onPodConditions: [{type: DisruptionTarget, status: "True"}]
          template:
            spec:
              restartPolicy: Never
              terminationGracePeriodSeconds: 120
              containers:
                - name: suture
                  image: \(quoted(request.image))
                  command: \(command(partArguments))
                  resources:
                    requests: {cpu: \(quoted("\(request.cores)")), memory: \(quoted(memory))}
                    limits: {memory: \(quoted(memory))}
                  volumeMounts: [{name: models, mountPath: \(quoted(request.mount))}]
              volumes:
                - name: models
                  persistentVolumeClaim: {claimName: \(quoted(request.claim))}
        ---
        apiVersion: batch/v1
        kind: Job
        metadata:
          name: \(request.plainName)-finish
        spec:
          completions: 1
          backoffLimit: 6
          activeDeadlineSeconds: 604800
          podFailurePolicy:
            rules:
              # Parts are missing still: tried again, less and less often, for a week.
              - action: Ignore
                onExitCodes: {containerName: suture, operator: In, values: [3]}
              - action: FailJob
                onExitCodes: {containerName: suture, operator: In, values: [1, 64]}
          template:
            spec:
              restartPolicy: Never
              containers:
                - name: suture
                  image: \(quoted(request.image))
                  command: \(command(["finish", request.plan, "-o", request.output]))
                  resources:
                    requests: {cpu: "1", memory: \(quoted(memory))}
                    limits: {memory: \(quoted(memory))}
                  volumeMounts: [{name: models, mountPath: \(quoted(request.mount))}]
              volumes:
                - name: models
                  persistentVolumeClaim: {claimName: \(quoted(request.claim))}

        """
    }

    private var partArguments: [String] {
        [
            "run", request.plan, "-o", request.output, "--part-env", "JOB_COMPLETION_INDEX",
            "--parts", "\(request.parts)", "--threads", "\(request.cores)",
            "--memory", "\(JobRequest.mebibytes(request.memory))MiB",
        ]
    }

    private var memory: String { "\(JobRequest.mebibytes(request.jobMemory))Mi" }

    /// A command line; Kubernetes would put variables in place of `$(NAME)`, and takes `$$` for a dollar.
    private func command(_ arguments: [String]) -> String {
        let words = [request.program] + arguments
        return JSONPrinter.print(.array(words.map { .string($0.replacing("$", with: "$$")) }))
    }

    /// A text as YAML takes it: JSON's strings are YAML's too.
    private func quoted(_ text: String) -> String { JSONPrinter.print(.string(text)) }
}

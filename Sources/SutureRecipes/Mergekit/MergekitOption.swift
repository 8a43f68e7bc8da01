/// What mergekit is told on its command line, and how it is said here.
package enum MergekitOption {
    /// Advice on an option of mergekit's, or on a key of its name in a file.
    ///
    /// - Parameters:
    ///   - name: The option, without dashes in front; `_` and `-` are one.
    ///   - value: What it is given, where something is.
    /// - Returns: A sentence, or `nil` where mergekit has no such option.
    package static func advice(_ name: String, value: String? = nil) -> String? {
        let bare = String(name.map { $0 == "_" ? "-" : $0 })
        switch bare {
        case "random-seed": return "give --seed \(value ?? "N")"
        case "out-shard-size": return "give --shard-size \(value ?? "5GB")"
        case "num-threads", "write-threads": return "give --threads \(value ?? "N")"
        default: return fixed[bare]
        }
    }

    private static let fixed: [String: String] = [
        "copy-tokenizer": "leave it out: the tokenizer is always written",
        "no-copy-tokenizer": "leave it out: the tokenizer is always written, and can be deleted",
        "allow-crimes": "leave it out: name the one difference that is meant with --accept NAME",
        "cuda": "leave it out: everything is computed on the CPU, at the speed of the disk",
        "low-cpu-memory": "leave it out: memory does not grow with the models; --memory sets a limit",
        "device": "leave it out: everything is computed on the CPU, at the speed of the disk",
        "read-to-gpu": "leave it out: everything is computed on the CPU, at the speed of the disk",
        "multi-gpu": "leave it out: everything is computed on the CPU, at the speed of the disk",
        "gpu-rich": "leave it out: everything is computed on the CPU, at the speed of the disk",
        "lazy-unpickle": "leave it out: torch files are always read lazily, and nothing in them is run",
        "lazy-loader": "leave it out: sources are always read lazily",
        "trust-remote-code": "leave it out: no code of a model is run; its files are copied",
        "clone-tensors": "leave it out: tensors are always written apart",
        "write-model-card": "leave it out: a model card is always written",
        "no-write-model-card": "leave it out: a model card is always written, and can be deleted",
        "safe-serialization": "leave it out: weights are always written as safetensors",
        "no-safe-serialization": "leave it out: weights are always written as safetensors",
        "async-write": "leave it out: reading, computing and writing always go side by side",
        "transformers-cache": "set HF_HUB_CACHE to the folder of the hub cache",
        "lora-merge-cache": "leave it out: adapters are added while weights stream, and nothing is cached",
        "lora-merge-dtype": "leave it out: adapters are added in float32",
        "quiet": "leave it out: only warnings and the result are shown where there is no terminal",
        "verbose": "leave it out: 'suture plan' and 'suture explain' show what is done",
    ]
}

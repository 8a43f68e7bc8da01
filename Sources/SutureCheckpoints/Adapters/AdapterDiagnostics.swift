package import SutureDiagnostics
import SutureJSON
import SutureTensors
import SystemPackage

// MARK: - Words

extension Diagnostic {
    private static func fault(
        _ code: String,
        _ adapter: Adapter,
        _ tensor: String?,
        _ message: String,
        fix: FixIt? = nil
    ) -> Diagnostic {
        Diagnostic(
            code: code,
            message,
            at: .file(adapter.files[0].path.string, tensor: tensor.map { excerpt($0) }),
            fix: fix
        )
    }

    /// An adapter with something that cannot be added to weights here.
    package static func adapterUnsupported(
        _ fact: String,
        at path: String,
        tensor: String? = nil,
        fix: FixIt
    ) -> Diagnostic {
        Diagnostic(code: "adapter-unsupported", fact, at: .file(path, tensor: tensor.map { excerpt($0) }), fix: fix)
    }

    /// An adapter that changes something which the model does not have.
    package static func adapterFitsNoTensor(
        _ fact: String,
        at path: String,
        tensor: String? = nil,
        fix: FixIt
    ) -> Diagnostic {
        Diagnostic(code: "adapter-fits-no-tensor", fact, at: .file(path, tensor: tensor.map { excerpt($0) }), fix: fix)
    }

    /// An adapter that makes a tensor of a shape that none can have.
    package static func adapterShapeImpossible(_ name: String) -> Diagnostic {
        let message = "'\(excerpt(name))' would have more elements than can be counted"
        return Diagnostic(code: "adapter-shape-differs", message, at: Place?.none)
    }

    static var mergeFirst: FixIt { FixIt("merge it into the model with peft, and name the merged folder") }

    static func unsupportedTensor(_ adapter: Adapter, _ spec: TensorSpec, _ kind: String) -> Diagnostic {
        let fact = "the tensor holds \(kind), which is not read"
        return adapterUnsupported(fact, at: adapter.files[0].path.string, tensor: spec.name, fix: mergeFirst)
    }

    static func halfPair(_ adapter: Adapter, _ module: String, _ present: String) -> Diagnostic {
        let message = "module '\(excerpt(module))' has this tensor, but not both factors of a product"
        return fault("adapter-half-pair", adapter, present, message, fix: FixIt("fetch the adapter's weights again"))
    }

    static func noBaseTensor(
        _ adapter: Adapter,
        _ spec: TensorSpec,
        _ wanted: String,
        _ checkpoint: Checkpoint
    ) -> Diagnostic {
        adapterFitsNoTensor(
            "it changes '\(excerpt(wanted))', which the model '\(excerpt(checkpoint.reference.text))' does not have",
            at: adapter.files[0].path.string,
            tensor: spec.name,
            fix: madeFor(adapter, checkpoint)
        )
    }

    /// A module that has no bias, and an adapter that adds to it.
    static func noBias(_ adapter: Adapter, _ spec: TensorSpec, _ module: String) -> Diagnostic {
        fault(
            "adapter-adds-bias",
            adapter,
            spec.name,
            "it was trained with lora_bias, and '\(excerpt(module))' of the model has no bias that could hold it",
            fix: FixIt("peft cannot merge it either: use it beside the model, or train one without lora_bias")
        )
    }

    /// The model to put an adapter on; where it is the one at hand by its name, another version of it.
    private static func madeFor(_ adapter: Adapter, _ checkpoint: Checkpoint) -> FixIt {
        guard let base = adapter.config.base, !base.isEmpty else {
            return FixIt("put it on the model it was made for")
        }
        func name(_ text: String) -> Substring? { text.split { $0 == "/" || $0 == "\\" }.last }
        let isThis = [checkpoint.reference.model, checkpoint.folder.string, checkpoint.hubID?.text ?? ""].contains {
            $0 == base || name($0) == name(base)
        }
        return isThis
            ? FixIt(
                "it names this model as its own: take the version that it was trained on, or fetch the adapter again"
            )
            : FixIt("put it on the model it was made for: \(excerpt(base))")
    }

    static func badPair(_ adapter: Adapter, _ a: TensorSpec, _ b: TensorSpec) -> Diagnostic {
        let message =
            "\(a.dtype.rawValue)\(a.shape) and \(b.dtype.rawValue)\(b.shape) of '\(excerpt(b.name))' are no pair of factors"
        return fault("adapter-bad-pair", adapter, a.name, message)
    }

    static func rankDiffers(_ adapter: Adapter, _ a: TensorSpec, _ rank: Int, _ said: Int) -> Diagnostic {
        fault(
            "adapter-rank-differs",
            adapter,
            a.name,
            "the factor has rank \(rank), but adapter_config.json gives the module \(said)",
            fix: FixIt("the config is of another adapter, or its rank_pattern lacks this module")
        )
    }

    static func pairDoesNotFit(
        _ adapter: Adapter,
        _ a: TensorSpec,
        _ b: TensorSpec,
        _ base: TensorSpec,
        _ checkpoint: Checkpoint
    ) -> Diagnostic {
        fault(
            "adapter-shape-differs",
            adapter,
            a.name,
            "the factors \(a.shape) and \(b.shape) make no \(base.shape), which '\(excerpt(base.name))' is",
            fix: madeFor(adapter, checkpoint)
        )
    }

    /// Rows for new tokens that are in one tensor and not in another.
    static func rowsMissing(
        _ adapter: Adapter,
        _ resized: (name: String, before: Int, after: Int),
        _ other: (name: String, before: Int, after: Int)
    ) -> Diagnostic {
        fault(
            "adapter-rows-missing",
            adapter,
            nil,
            "'\(excerpt(resized.name))' has \(resized.after) rows in the adapter in place of \(resized.before), and "
                + "'\(excerpt(other.name))' has \(other.after): its new rows are not in the adapter",
            fix: FixIt("save the model itself as it was resized for training, and put the adapter on that one")
        )
    }

    /// An embedding with another number of rows.
    static func tokensAdded(_ adapter: Adapter, _ before: Int, _ after: Int) -> Diagnostic {
        Diagnostic(
            .note,
            code: "adapter-adds-tokens",
            "the adapter brings an embedding of \(after) rows, and the model had \(before)",
            at: .file(adapter.files[0].path.string, tensor: nil)
        )
    }

    static func shapesDiffer(_ adapter: Adapter, _ spec: TensorSpec, _ base: TensorSpec) -> Diagnostic {
        fault(
            "adapter-shape-differs",
            adapter,
            spec.name,
            "the tensor is \(spec.shape), and '\(excerpt(base.name))' of the model \(base.shape)",
            fix: FixIt("if tokens were added, save the model with its embedding resized first, and name that one")
        )
    }

    static func partTwice(_ adapter: Adapter, _ spec: TensorSpec, _ module: String) -> Diagnostic {
        let message = "the file holds this part of '\(excerpt(module))' twice, as if it were two adapters"
        return fault("adapter-changes-twice", adapter, spec.name, message, fix: FixIt("save one adapter with peft"))
    }

    static func rowsDoNotFit(_ adapter: Adapter, _ spec: TensorSpec, _ count: Int, _ base: TensorSpec) -> Diagnostic {
        fault(
            "adapter-shape-differs",
            adapter,
            spec.name,
            "the tensor is \(spec.shape), and trainable_token_indices names \(count) rows for '\(excerpt(base.name))' "
                + "\(base.shape)",
            fix: FixIt("the config is of another adapter, or tokens were added: save the model with those first")
        )
    }

    static func magnitudeMissing(_ adapter: Adapter, _ spec: TensorSpec) -> Diagnostic {
        let message = "adapter_config.json says use_dora, but the module has no lora_magnitude_vector"
        return fault("adapter-half-pair", adapter, spec.name, message)
    }

    static func magnitudeShape(_ adapter: Adapter, _ spec: TensorSpec, _ base: TensorSpec) -> Diagnostic {
        let message = "there are magnitudes \(spec.shape) for the rows of '\(excerpt(base.name))' \(base.shape)"
        return fault("adapter-shape-differs", adapter, spec.name, message)
    }

    static func notNumbers(_ adapter: Adapter, _ base: TensorSpec) -> Diagnostic {
        fault(
            "adapter-on-quantized",
            adapter,
            nil,
            "it changes '\(excerpt(base.name))', which the model stores as \(base.dtype.rawValue)",
            fix: FixIt("put it on the unquantized model")
        )
    }

    static func changedTwice(_ adapter: Adapter, _ name: String) -> Diagnostic {
        fault("adapter-changes-twice", adapter, nil, "two of its modules change '\(excerpt(name))' of the model")
    }

    static func emptyAdapter(_ adapter: Adapter) -> Diagnostic {
        fault("adapter-empty", adapter, nil, "the adapter changes no tensor of the model")
    }

    static func baseDiffers(_ adapter: Adapter, _ wanted: String, _ id: HubID) -> Diagnostic {
        Diagnostic(
            .warning,
            code: "adapter-base-differs",
            "the adapter was made for '\(excerpt(wanted))', and is put on '\(id)'",
            at: .file(adapter.configPath.string, tensor: nil),
            fix: FixIt("its shapes fit; check that the models are relatives")
        )
    }

    static func targetsWithoutTensors(_ adapter: Adapter, _ targets: [String]) -> Diagnostic {
        Diagnostic(
            .warning,
            code: "adapter-target-without-tensors",
            "target_modules names \(targets.map { "'\(excerpt($0))'" }.joined(separator: ", ")), "
                + "but the adapter has no tensors for it",
            at: .file(adapter.configPath.string, tensor: nil)
        )
    }
}

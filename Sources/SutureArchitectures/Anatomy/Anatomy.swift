import SutureDiagnostics
package import SutureJSON
package import SutureTensors

/// Why a checkpoint has no anatomy.
package enum AnatomyError: Error, Hashable, Sendable {
    /// No run of numbered layers was found among so many tensors.
    case noLayers(tensorCount: Int, modelType: String)

    /// The family shares weights between layers or nests them, so that no layer can be moved.
    case unsupported(modelType: String, reason: String)

    /// What to tell the user.
    package var finding: Finding {
        switch self {
        case .noLayers(let count, let modelType):
            .noLayers(
                "none of its \(count) tensors carry layer numbers (model_type '\(excerpt(modelType))')",
                fix: "layer surgery needs names such as 'model.layers.0.…'"
            )
        case .unsupported(let modelType, let reason):
            Finding(
                .error,
                code: "unsupported-architecture",
                "layers of a '\(excerpt(modelType))' model cannot be moved: \(reason)",
                fix: "use a model whose layers have weights of their own, one set each"
            )
        }
    }
}

extension Finding {
    /// A model or an output without layers.
    static func noLayers(_ message: String, fix: String? = nil) -> Finding {
        Finding(.error, code: "no-layers", message, fix: fix)
    }
}

/// What a checkpoint is made of, told from the names and shapes of its tensors and from its config.
///
/// No family needs to be known: stacks, ends and roles follow from rules that hold over the field, and a
/// small table serves the families that break them. An unknown tensor of a layer has the role `other` and
/// travels with its layer all the same.
package struct Anatomy: Sendable {
    /// A finding about one model.
    package typealias Finding = SutureArchitectures.Finding

    /// The family, as `model_type` in the config has it; empty where it is missing.
    package let modelType: String

    /// The classes that can load it, as `architectures` in the config has them.
    package let architectureNames: [String]

    /// The stacks of its language models.
    package let stacks: [Stack]

    /// The stack that surgery works on.
    package let main: Int

    /// What each tensor is a part of, in the order of the tensors.
    package private(set) var parts: [ModelPart]

    /// What lies outside the layers and is as many as they are.
    package let followers: [Follower]

    /// Sizes and settings.
    package let facts: ModelFacts

    /// The keys that lead to the language model's own config; none where it is the file's own object.
    package let scopePath: [String]

    /// The names under which tables may know the language model's family, the most telling first.
    package let families: [String]

    /// What its blocks do to the residual stream.
    package let stream: ResidualStream

    /// What was found to be odd.
    package let findings: [Finding]

    /// The stack that surgery works on.
    package var mainStack: Stack { stacks[main] }

    /// The number of layers of the main stack.
    package var layerCount: Int { mainStack.layerCount }

    /// Whether its family has more rows in the embedding than tokens in `vocab_size`.
    package var embedsMoreThanTokens: Bool { FamilyTable.embedsMoreThanTokens(modelType) }

    /// Whether the checkpoint stores a head of its own.
    package var hasHead: Bool { parts.contains(.end(.head)) }

    /// The roles by which the layers of the main stack add to the residual stream, those of all experts as one.
    package var waysOut: [String] {
        var roles: Set<String> = []
        for part in parts {
            guard case .layer(main, _, _, let role) = part, role.isWayOut else { continue }
            roles.insert(Role(role.group, role.part, sublayer: role.sublayer).description)
        }
        return roles.sorted()
    }

    /// The name that a part of this model has in a checkpoint, where it is a layer's.
    package func name(stack: Int, layer: Int, suffix: String) -> String {
        stacks[stack].name(layer: layer, suffix: suffix)
    }

    /// The same model, with layers whose tensors are others than are stored.
    ///
    /// - Parameter layers: The tensors of each layer of the main stack.
    /// - Returns: The anatomy, whose parts stand in no order of tensors any more.
    package func with(layers: [[(suffix: String, role: Role)]]) -> Anatomy {
        var changed = self
        changed.parts.removeAll { if case .layer(main, _, _, _) = $0 { true } else { false } }
        for (number, tensors) in layers.enumerated() {
            for (suffix, role) in tensors {
                changed.parts.append(.layer(stack: main, layer: number, suffix: suffix, role: role))
            }
        }
        return changed
    }

    /// Reads a checkpoint's anatomy.
    ///
    /// - Parameters:
    ///   - config: The whole `config.json`.
    ///   - tensors: Its tensors, in any order.
    /// - Returns: The anatomy, whose parts stand in the order of the tensors.
    /// - Throws: ``AnatomyError`` where there are no layers to work on.
    package static func read(config: JSONObject, tensors: [TensorSpec]) throws(AnatomyError) -> Anatomy {
        try AnatomyReader(config: config, tensors: tensors).read()
    }
}

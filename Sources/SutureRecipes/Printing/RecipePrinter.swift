import SutureDiagnostics
import SutureTensors

/// Prints recipes in the one form of the native dialect.
///
/// What is printed reads back as the same recipe, and printing that gives the same text. The recipes that
/// it imports are no part of the text: whoever wants one that stands alone flattens it first.
package enum RecipePrinter {
    /// Returns the text of a recipe, ending in a line break.
    package static func print(_ graph: SliceGraph) -> String {
        document(of: graph).document(blockDepth: 4)
    }

    private static func document(of graph: SliceGraph) -> PrintedYAML {
        var pairs: [(String, PrintedYAML)] = [("slicegraph", .literal("1"))]
        if let name = graph.title.name { pairs.append(("name", .text(name.value))) }
        if let version = graph.title.version { pairs.append(("version", .text(version.value))) }
        if let description = graph.title.description { pairs.append(("description", .text(description.value))) }
        if !graph.inputs.isEmpty {
            pairs.append(("inputs", .mapping(graph.inputs.map { ($0.name.value, .compact(input($0))) })))
        }
        if !graph.parameters.isEmpty {
            pairs.append(("params", .mapping(graph.parameters.map { ($0.name.value, .compact(parameter($0))) })))
        }
        if !graph.definitions.isEmpty {
            pairs.append(("let", .mapping(graph.definitions.map { ($0.name.value, definition($0.expression.value)) })))
        }
        pairs.append(("graph", .mapping(graph.nodes.map { ($0.name.value, $0.operation.printed) })))
        let output = output(graph.output)
        if !output.isEmpty { pairs.append(("output", .mapping(output))) }
        if !graph.expectations.isEmpty {
            pairs.append(
                ("expect", .mapping(graph.expectations.map { ($0.subject.rawValue, $0.value.value.scalar) }))
            )
        }
        return .mapping(pairs)
    }

    private static func input(_ input: SliceGraph.InputDeclaration) -> PrintedYAML {
        let isPlain = input.adapter == nil && input.architecture == nil && !input.isOptional
        if isPlain, let reference = input.reference { return .text(reference.value) }
        var pairs: [(String, PrintedYAML)] = []
        if let reference = input.reference { pairs.append(("model", .text(reference.value))) }
        if let adapter = input.adapter { pairs.append(("adapter", .text(adapter.value))) }
        if let architecture = input.architecture { pairs.append(("architecture", .text(architecture.value))) }
        if input.isOptional { pairs.append(("optional", .literal("true"))) }
        return .mapping(pairs)
    }

    private static func parameter(_ parameter: SliceGraph.ParameterDeclaration) -> PrintedYAML {
        var pairs: [(String, PrintedYAML)] = [("type", .text(parameter.kind.rawValue))]
        if let fallback = parameter.fallback { pairs.append(("default", fallback.printed)) }
        if let minimum = parameter.minimum { pairs.append(("min", minimum.value.scalar)) }
        if let maximum = parameter.maximum { pairs.append(("max", maximum.value.scalar)) }
        if !parameter.choices.isEmpty { pairs.append(("choices", .list(parameter.choices.map { .text($0.value) }))) }
        if let description = parameter.description { pairs.append(("description", .text(description))) }
        return .mapping(pairs)
    }

    /// Under `let` a bare word is a name, so a text is written as an expression.
    private static func definition(_ expression: Expression) -> PrintedYAML {
        if case .text = expression { return .text("${\(expression.text)}") }
        return expression.scalar
    }

    private static func output(_ output: OutputSettings) -> [(String, PrintedYAML)] {
        var pairs: [(String, PrintedYAML)] = []
        if let node = output.node { pairs.append(("node", .text(node.value))) }
        var ends: [(String, PrintedYAML)] = []
        if let embed = output.ends.embed { ends.append(("embed", embed.printed)) }
        if let norm = output.ends.norm { ends.append(("norm", norm.printed)) }
        if let head = output.ends.head { ends.append(("head", head.printed)) }
        if !ends.isEmpty { pairs.append(("ends", .compact(.mapping(ends)))) }
        if !output.modules.isEmpty {
            pairs.append(("modules", .mapping(output.modules.map { ($0.name.value, $0.from.printed) })))
        }
        if let config = output.config { pairs.append(("config", .text(config.value))) }
        if let tokenizer = output.tokenizer { pairs.append(("tokenizer", tokenizer.printed { $0 })) }
        if let dtype = output.dtype?.value { pairs.append(("dtype", .text(dtype.recipeNames.first ?? dtype.rawValue))) }
        if let dtype = output.computeDType?.value {
            pairs.append(("compute_dtype", .text(dtype.recipeNames.first ?? dtype.rawValue)))
        }
        if let rounds = output.roundsStages { pairs.append(("round_stages", .literal("\(rounds.value)"))) }
        if let template = output.chatTemplate { pairs.append(("chat_template", .text(template.value))) }
        if let size = output.shardSize { pairs.append(("shard_size", .literal("\(size.value)"))) }
        if !output.drop.isEmpty { pairs.append(("drop", .compact(.list(output.drop.map { .text($0.value) })))) }
        if !output.accept.isEmpty { pairs.append(("accept", .compact(.list(output.accept.map { .text($0.value) })))) }
        if let seed = output.seed { pairs.append(("seed", .literal("\(seed.value)"))) }
        return pairs
    }
}

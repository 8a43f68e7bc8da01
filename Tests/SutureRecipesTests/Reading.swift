import SutureDiagnostics
import SutureRecipes

/// The words that these tests let recipes use; the real ones come from rooms above.
let vocabulary: RecipeVocabulary = {
    typealias Parameter = RecipeVocabulary.Parameter
    func global(_ name: String, required: Bool = false, _ kind: SliceGraph.ParameterDeclaration.Kind = .float)
        -> Parameter
    {
        Parameter(name: name, isPerInput: false, isRequired: required, kind: kind, summary: "\(name) of the whole")
    }
    func own(_ name: String, required: Bool = false) -> Parameter {
        Parameter(name: name, isPerInput: true, isRequired: required, kind: .float, summary: "\(name) of each")
    }
    let families = ["attn", "mlp", "norm", "expert", "shared_expert", "ssm"]
    let roles = [
        "attn.q", "attn.k", "attn.v", "attn.o", "attn.q_norm", "mlp.gate", "mlp.up", "mlp.down", "norm.attn",
        "norm.mlp", "router", "embed", "head", "norm.final", "residual",
    ]
    return RecipeVocabulary(
        methods: [
            RecipeVocabulary.Method(
                name: "linear",
                summary: "weighted mean",
                parameters: [own("weight", required: true), global("normalize", .bool)],
                base: .unused
            ),
            RecipeVocabulary.Method(
                name: "slerp",
                summary: "along the arc",
                parameters: [global("t", required: true)],
                base: .member
            ),
            RecipeVocabulary.Method(
                name: "ties",
                summary: "task vectors that agree",
                parameters: [
                    own("weight", required: true), own("density"), global("lambda"), global("normalize", .bool),
                    global("int8_mask", .bool),
                ],
                base: .required
            ),
            RecipeVocabulary.Method(
                name: "dare_ties",
                summary: "thinned task vectors",
                parameters: [
                    own("weight", required: true), own("density"), global("lambda"), global("rescale", .bool),
                ],
                base: .required
            ),
            RecipeVocabulary.Method(
                name: "karcher",
                summary: "the mean on the sphere",
                parameters: [global("max_iter", .int)],
                base: .optional
            ),
            RecipeVocabulary.Method(
                name: "passthrough",
                summary: "as it is",
                parameters: [own("scale")],
                base: .unused
            ),
        ],
        roles: roles,
        roleFault: { role in
            let isKnown =
                role == "*" || roles.contains(role)
                || families.contains { role == $0 + ".*" || role.hasPrefix($0 + "[") }
            let near = (roles + families.map { $0 + ".*" }).nearest(to: role)
            return isKnown
                ? nil : .init(reason: "no role is called '\(role)'", suggestions: near.map { [$0] } ?? [])
        }
    )
}()

/// What came of reading a recipe.
enum Reading {
    case read(SliceGraph, [Diagnostic])
    case refused([Diagnostic])

    var graph: SliceGraph? {
        guard case .read(let graph, _) = self else { return nil }
        return graph
    }

    var diagnostics: [Diagnostic] {
        switch self {
        case .read(_, let notices): notices
        case .refused(let all): all
        }
    }

    /// The messages with their places, one a line, as a failed test shows them.
    var drawn: String { DiagnosticRenderer().render(diagnostics) }
}

/// Reads a recipe that may import the others.
func read(_ text: String, path: String = "recipe.yml", others: [String: String] = [:]) -> Reading {
    let load: RecipeLoader = { (path, _) throws(RecipeLoadError) in
        guard let text = others[path] else { throw RecipeLoadError(reason: "there is no such file") }
        return SourceFile(path: path, text: text)
    }
    do throws(Diagnostics) {
        let (graph, notices) = try RecipeReader.read(
            SourceFile(path: path, text: text),
            vocabulary: vocabulary,
            load: load
        )
        return .read(graph, notices)
    } catch {
        return .refused(error.all)
    }
}

extension SliceGraph {
    /// Whether a node calls an imported recipe, which is no part of the recipe's own text.
    var usesOthers: Bool {
        nodes.contains { node in
            if case .use = node.operation { true } else { false }
        }
    }
}

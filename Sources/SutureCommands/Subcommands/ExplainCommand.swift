import ArgumentParser
import SutureKit

/// `suture explain`: where a tensor or a layer of the result comes from, and why; or what a message means.
struct ExplainCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "explain",
        abstract: "Explain where a tensor or a layer of the result comes from, or what a message means.",
        discussion: """
            Of a tensor it prints the source, the recipe's line, the effective parameters and the expression. Every message \
            has a code, in brackets behind it; of a code it prints what causes it and what to do.

            Examples:
              suture explain merge.yml 17
              suture explain merge.yml layers.17.mlp
              suture explain merge.yml tokenizer
              suture explain merge.yml model.layers.3.mlp.up_proj.weight
              suture explain merge.yml '*.embed_tokens.*'
              suture explain merge.yml embed --token '<|im_end|>'
              suture explain layer-past-end
              suture explain                                the codes there are
            """
    )

    @Argument(
        help: "The recipe; '-' reads standard input. Alone: the code of a message.",
        completion: .file(extensions: ["yaml", "yml"])
    )
    var recipe: String?

    @Argument(help: "A layer's number, a tensor's name or parts of it, a glob over names, or what has a donor: config.")
    var subject: String?

    @Option(help: "A token: where its row in 'embed', 'head' or a tensor comes from.")
    var token: String?

    @OptionGroup(title: "Recipe") var options: RecipeOptions

    @Flag(help: "Print as JSON.")
    var json = false

    func validate() throws {
        if let recipe, subject == nil, recipe.contains(where: { "./".contains($0) }) || recipe == "-" {
            throw ValidationError("what of the result is to be explained is missing: a layer's number, a tensor's name")
        }
    }

    func run() throws {
        try Reporting.run(json: json) {
            if let recipe, let subject { return try explain(subject, of: recipe) }
            let guides = try recipe.map { code throws(CommandFailure) in
                do throws(Diagnostics) { return [try CodeGuide(code)] } catch { throw CommandFailure(error) }
            }
            if json { return Terminal.answer(CodeGuide.json(guides ?? CodeGuide.all)) }
            Terminal.answer(guides?.map(\.text).joined() ?? CodeGuide.all.map { $0.code + "\n" }.joined())
        }
    }

    private func explain(_ subject: String, of recipe: String) throws {
        let surgery = try options.surgery(recipe)
        let result = surgery.plan()
        guard let plan = result.plan else { throw CommandFailure(result.diagnostics) }
        let explanation = Explanation(plan, places: surgery.places)
        guard let text = explanation.text(of: subject, token: token) else {
            if let token, plan.number(ofToken: token) == nil { throw CommandFailure([.noSuchToken(token)]) }
            throw CommandFailure([.nothingToExplain(subject, plan: plan, names: explanation.names)])
        }
        Terminal.answer(json ? ExplanationJSON.text(text, of: subject, in: plan) : text)
    }
}

/// An explanation, for other programs.
enum ExplanationJSON {
    /// The text, with a final line break.
    static func text(_ words: String, of subject: String, in plan: Plan) -> String {
        let object: JSONObject = [
            "recipe": .string(plan.recipe.name), "subject": .string(subject),
            "lines": .array(words.split(separator: "\n").map { .string(String($0)) }),
        ]
        return JSONPrinter.print(.object(object), indent: 1) + "\n"
    }
}

extension Diagnostic {
    /// The result has no token of that text.
    fileprivate static func noSuchToken(_ token: String) -> Diagnostic {
        Diagnostic(
            code: "token-not-written",
            "the tokenizer that is written has no token '\(token)'",
            at: nil as SourceRange?,
            fix: FixIt("spell it as the vocabulary does; 'suture vocab MODEL --json' lists what a model has")
        )
    }

    /// The result has no tensor or layer of that name.
    static func nothingToExplain(_ subject: String, plan: Plan, names: [String]) -> Diagnostic {
        Diagnostic(
            code: "nothing-to-explain",
            Int(subject) != nil
                ? "the result has no layer \(subject)" : "the result has no tensor '\(subject)'",
            at: nil as SourceRange?,
            fix: Int(subject) != nil
                ? FixIt("its layers are 0 to \(plan.stack.layerCount - 1)")
                : .didYouMean(subject, among: names)
                    ?? FixIt("name a layer's number, or a part of a tensor's name: layers.0, q_proj")
        )
    }
}

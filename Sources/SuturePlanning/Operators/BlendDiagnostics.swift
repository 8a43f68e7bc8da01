import SutureArchitectures
import SutureDiagnostics
import SutureRecipes
import SutureTensors

extension Diagnostic {
    /// A blend with a base in which no input counts anything.
    static func noWeights(_ method: String, isError: Bool, at range: SourceRange?) -> Diagnostic {
        Diagnostic(
            isError ? .error : .warning,
            code: "nothing-to-merge",
            "all weights of '\(method)' are 0, so "
                + (isError ? "there is nothing to divide by their sum" : "the result is the base"),
            at: range,
            fix: FixIt("give at least one input a weight")
        )
    }

    /// A blend with a base in which nothing of any input is kept.
    static func nothingKept(_ method: RecipeVocabulary.Method, at range: SourceRange?) -> Diagnostic {
        let names = ["weight", "density", "lambda", "select_topk"].filter { name in
            method.parameters.contains { $0.name == name }
        }
        let list = names.map { "'\($0)'" }.joined(separator: " or ")
        return Diagnostic(
            .warning,
            code: "nothing-to-merge",
            "'\(method.name)' keeps nothing of its inputs, since \(list) is 0, so the result is the base",
            at: range,
            fix: FixIt("give \(list) more than 0")
        )
    }

    /// A blend of a base with nothing but itself.
    static func nothingToMerge(_ method: String, at range: SourceRange?) -> Diagnostic {
        Diagnostic(
            .warning,
            code: "nothing-to-merge",
            "'\(method)' is given its base and nothing beside it, so the result is the base",
            at: range,
            fix: FixIt("add an input that differs from the base")
        )
    }

    /// More or fewer inputs than a method takes.
    static func wrongInputCount(_ method: RecipeVocabulary.Method, _ count: Int, at range: SourceRange?) -> Diagnostic {
        let (least, most) = (method.inputs.lowerBound, method.inputs.upperBound)
        let wanted = least == most ? "\(least)" : most >= 1000 ? "at least \(least)" : "\(least) to \(most)"
        let apart = method.base == .required || method.base == .optional ? ", the base not counted" : ""
        return Diagnostic(
            code: "wrong-input-count",
            "'\(method.name)' merges \(wanted) input\(wanted == "1" ? "" : "s")\(apart), and \(count) \(count == 1 ? "is" : "are") given",
            at: range,
            fix: FixIt(count > most ? "blend two at a time, or use a method that takes more" : "add an input")
        )
    }

    /// A tensor that only some of the merged models have.
    static func tensorMissing(
        _ suffix: String,
        example: String,
        holders: Int,
        of count: Int,
        at range: SourceRange?
    ) -> Diagnostic {
        Diagnostic(
            code: "tensor-missing",
            "only \(holders) of the \(count) merged strips have '\(suffix)' (such as '\(example)')",
            at: range,
            fix: FixIt("merge models of one architecture, or splice this part from the one that has it")
        )
    }

    /// Models of which only some store a head of their own.
    static func endsDiffer(_ names: [String], _ slots: [[Strip.Slot]], at range: SourceRange?) -> Diagnostic {
        let isHead = slots.contains { $0.contains { $0.role.group == .head } }
        let with = zip(names, slots).filter { !$1.isEmpty }.map { "'\($0.0)'" }
        let without = zip(names, slots).filter { $1.isEmpty }.map { "'\($0.0)'" }
        let tensor = slots.first { !$0.isEmpty }?.first?.suffix ?? "the end"
        let tied = isHead ? " (tied to its embedding)" : ""
        return Diagnostic(
            code: "ends-differ",
            "\(with.joined(separator: ", ")) stores '\(tensor)', \(without.joined(separator: ", ")) does not\(tied)",
            at: range,
            fix: FixIt("blend models of one family, or splice the layers and take the ends of one: output: {ends: …}")
        )
    }
}

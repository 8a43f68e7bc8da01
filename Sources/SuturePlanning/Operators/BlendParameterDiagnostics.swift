import SutureDiagnostics
import SutureMerging
import SutureRecipes

/// A number that a merge method's parameter does not take.
struct OutOfRange {
    let parameter: RecipeVocabulary.Parameter
    let number: Marked<Double>
    /// Whether it is above the range rather than below.
    let isAbove: Bool
    let request: BlendRequest
    let isMergekit: Bool

    /// The end of the range that it is past.
    var limit: Double { (isAbove ? parameter.maximum : parameter.minimum) ?? 0 }

    /// What was probably meant: of a number far above a range that ends at 1, so many per cent.
    var meant: Double { isPercentage ? number.value / 100 : limit }

    /// The same in words.
    var wanted: String { words(meant) + (isPercentage ? " if \(words(number.value)) % is meant" : "") }

    /// How to go on past the end where the method does not.
    var wayPast: String {
        isPercentage
            ? "" : isMergekit ? "; --bug-compatible goes on past it, as mergekit does" : "; 'lerp' goes on past it"
    }

    var subject: String { "'\(parameter.name)' of '\(request.method.name)' is \(words(number.value))" }

    var place: SourceRange? { number.range ?? request.range }

    private var isPercentage: Bool { isAbove && limit == 1 && number.value >= 5 && number.value <= 100 }
}

extension Diagnostic {
    /// A required parameter that nobody gave.
    static func missingMergeParameter(
        _ parameter: RecipeVocabulary.Parameter,
        of request: BlendRequest,
        input: Int?
    ) -> Diagnostic {
        let place = input.map { " for input \($0 + 1)" } ?? ""
        let given = request.arguments(named: parameter.name, ofInput: input).first
        let lack = given == nil ? "nothing gives it" : "the cases that give it leave out '\(request.outputName)'"
        return Diagnostic(
            code: "missing-merge-parameter",
            "'\(request.method.name)' needs '\(parameter.name)'\(place), and \(lack)",
            at: request.place(of: parameter.name, input: input),
            fix: FixIt(
                given != nil
                    ? "add a last case for all others: {value: …}"
                    : parameter.isPerInput
                        ? "add '\(parameter.name): …' to the input" : "add '\(parameter.name): …' under 'params'"
            )
        )
    }

    /// A parameter out of its range.
    static func mergeParameterOutside(_ fault: OutOfRange) -> Diagnostic {
        let limit = words(fault.limit)
        return Diagnostic(
            code: "merge-parameter-out-of-range",
            "\(fault.subject), but must be \(fault.isAbove ? "at most" : "at least") \(limit)",
            at: fault.place,
            fix: FixIt("use \(fault.wanted)" + (fault.parameter.isStrict ? fault.wayPast : ""))
        )
    }

    /// A parameter of a mergekit file out of its range, where mergekit has none.
    static func mergeParameterCounted(_ fault: OutOfRange) -> Diagnostic {
        Diagnostic(
            .warning,
            code: "merge-parameter-out-of-range",
            "\(fault.subject), and counts as \(words(fault.limit))",
            at: fault.place,
            fix: FixIt("write \(fault.wanted)", replacing: words(fault.meant))
        )
    }

    /// A parameter past an end where mergekit goes on, and mergekit's numbers are wanted.
    static func mergeParameterPastEnd(_ fault: OutOfRange) -> Diagnostic {
        Diagnostic(
            .warning,
            code: "merge-parameter-out-of-range",
            "\(fault.subject), and mergekit goes on past \(words(fault.limit))",
            at: fault.place,
            fix: FixIt("write \(fault.wanted)", replacing: words(fault.meant))
        )
    }

    /// A number that is allowed and hardly meant.
    static func mergeParameterUnusual(
        _ parameter: RecipeVocabulary.Parameter,
        _ number: Marked<Double>,
        _ usual: ClosedRange<Double>,
        of request: BlendRequest
    ) -> Diagnostic {
        let isPercentage = number.value > usual.upperBound && number.value <= 100
        return Diagnostic(
            .warning,
            code: "unusual-merge-parameter",
            "'\(parameter.name)' of '\(request.method.name)' is \(words(number.value)), and is taken as it stands: "
                + "usual are \(words(usual.lowerBound)) to \(words(usual.upperBound))",
            at: number.range ?? request.range,
            fix: isPercentage
                ? FixIt("write \(words(number.value / 100)) if \(words(number.value)) % is meant")
                : FixIt("write a number nearer to 1")
        )
    }

    /// A parameter that must be a whole number.
    static func mergeParameterNotWhole(
        _ parameter: RecipeVocabulary.Parameter,
        _ number: Marked<Double>,
        of request: BlendRequest
    ) -> Diagnostic {
        Diagnostic(
            code: "merge-parameter-not-whole",
            "'\(parameter.name)' of '\(request.method.name)' is \(words(number.value)), but must be a whole number",
            at: number.range ?? request.range,
            fix: FixIt("use \(words(number.value.rounded()))")
        )
    }

    /// A parameter that is yes or no, and is neither.
    static func mergeParameterNoFlag(
        _ parameter: RecipeVocabulary.Parameter,
        _ number: Marked<Double>,
        of request: BlendRequest
    ) -> Diagnostic {
        Diagnostic(
            code: "merge-parameter-no-flag",
            "'\(parameter.name)' of '\(request.method.name)' is \(words(number.value)), but must be true or false",
            at: number.range ?? request.range,
            fix: FixIt("use true or false")
        )
    }

    /// Values that a method does not take together.
    static func mergeParametersConflict(
        _ error: MergeParameterError,
        of request: BlendRequest
    ) -> Diagnostic {
        let (parameter, input, hint): (String?, Int?, String?) =
            if case .conflict(_, let parameter, let input, _, let hint) = error {
                (parameter, input, hint)
            } else {
                (nil, nil, nil)
            }
        return Diagnostic(
            code: "merge-parameters-conflict",
            error.description,
            at: request.place(of: parameter, input: input),
            fix: FixIt(hint ?? "'suture methods \(request.method.name)' says what it takes")
        )
    }
}

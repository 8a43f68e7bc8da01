import SutureArchitectures
import SutureDiagnostics
import SutureMerging
import SutureRecipes
import SutureTensors

/// The parameters of a merge method for one tensor.
struct SettledParameters {
    /// Those of the whole blend.
    var global: [String: Double] = [:]
    /// Those of each input.
    var inputs: [[String: Double]]
}

extension Lowering {
    /// Resolves every parameter of the method for this tensor.
    ///
    /// - Returns: The values, or `nil` when one was wrong and has been reported.
    mutating func parameters(of request: BlendRequest, in scope: Int) -> SettledParameters? {
        var settled = SettledParameters(inputs: request.inputs.map { _ in [:] })
        var isSound = true
        let normalizes = normalizes(request, in: scope)
        for parameter in request.method.parameters {
            if parameter.isPerInput {
                for (index, slot) in request.inputs.enumerated() {
                    // A filter beside a model of a mergekit file is a part of that model's own name for the tensor.
                    let name = scopes[scope].graph.dialect == .mergekit ? slot.spec.name : request.outputName
                    let given = request.arguments(named: parameter.name, ofInput: index)
                    let number = settle(given, at: site(of: slot, name: name, request), in: scope)
                    isSound = check(number, parameter, of: request, input: index, in: scope) && isSound
                    settled.inputs[index][parameter.name] = number.map { counted($0, parameter) }
                    if let number { warnOfUnusual(number, parameter, of: request, normalizes: normalizes) }
                }
            } else {
                let given = request.arguments(named: parameter.name, ofInput: nil)
                let site = site(of: request.owner, name: request.outputName, request)
                let number = settle(given, at: site, in: scope)
                isSound = check(number, parameter, of: request, input: nil, in: scope) && isSound
                settled.global[parameter.name] = number.map { counted($0, parameter) }
                if let number { warnOfUnusual(number, parameter, of: request, normalizes: normalizes) }
            }
        }
        if let name = request.method.layerPosition { settled.global[name] = request.layerPosition }
        if settled.inputs.contains(where: { $0["weight"] != 0 }) { weightedNodes.insert(request.node) }
        let isStilled = ["lambda", "select_topk"].contains { settled.global[$0] == 0 }
        if !isStilled, settled.inputs.contains(where: { $0["weight"] != 0 && $0["density"] != 0 }) {
            countedNodes.insert(request.node)
        }
        return isSound && goTogether(settled, of: request) ? settled : nil
    }

    private func site(of slot: Strip.Slot, name: String, _ request: BlendRequest) -> TensorSite {
        TensorSite(
            role: slot.role,
            name: name,
            layer: request.layer,
            layerCount: request.layerCount,
            depth: request.depth
        )
    }

    /// What the first of several settings that says something of a tensor says.
    private mutating func settle(_ arguments: [Argument], at site: TensorSite, in scope: Int) -> SettledNumber? {
        for argument in arguments {
            guard var number = resolve(argument.value, at: site, in: scope) else { continue }
            // A value from the command line stands nowhere; the recipe's word for it does.
            number.parts = number.parts.map { Marked($0.value, at: $0.range ?? argument.value.range) }
            return number
        }
        return nil
    }

    /// What a value counts as: the nearest that the parameter takes, unless mergekit's numbers are wanted.
    ///
    /// One that is not in its range has been reported, as an error or as a warning.
    private func counted(_ number: SettledNumber, _ parameter: RecipeVocabulary.Parameter) -> Double {
        guard parameter.kind == .float, compatibility == nil else { return number.value }
        return min(max(number.value, parameter.minimum ?? -.infinity), parameter.maximum ?? .infinity)
    }

    /// Whether a value is one that the parameter takes; reports when not.
    ///
    /// mergekit checks no ranges, and what it makes of a density above 1 is a density of 1: in its files a number out
    /// of range is a warning, and counts as the nearest in it. Where mergekit's numbers are wanted, a method does with a
    /// number what mergekit does.
    private mutating func check(
        _ number: SettledNumber?,
        _ parameter: RecipeVocabulary.Parameter,
        of request: BlendRequest,
        input: Int?,
        in scope: Int
    ) -> Bool {
        guard let number else {
            guard parameter.isRequired else { return true }
            // A value that could not be worked out has been reported, and is not missing.
            let given = request.arguments(named: parameter.name, ofInput: input)
            guard !given.contains(where: { hasError(in: $0.value.range) }) else { return false }
            report(.missingMergeParameter(parameter, of: request, input: input))
            return false
        }
        let isMergekit = scopes[scope].graph.dialect == .mergekit
        guard let fault = fault(in: number, parameter, of: request, isMergekit: isMergekit) else { return true }
        report(fault)
        return fault.severity != .error
    }

    /// What is wrong with a value.
    private func fault(
        in number: SettledNumber,
        _ parameter: RecipeVocabulary.Parameter,
        of request: BlendRequest,
        isMergekit: Bool
    ) -> Diagnostic? {
        let isFlag = { (value: Double) in value == 0 || value == 1 }
        if parameter.kind == .int, number.value != number.value.rounded() {
            return .mergeParameterNotWhole(parameter, number.culprit { $0 != $0.rounded() }, of: request)
        }
        if parameter.kind == .bool, !isFlag(number.value) {
            return .mergeParameterNoFlag(parameter, number.culprit { !isFlag($0) }, of: request)
        }
        guard compatibility == nil || parameter.kind != .float || parameter.isStrict else { return nil }
        let isBelow: (Double) -> Bool = { [least = parameter.minimum] in $0 < least ?? -.infinity }
        let isAbove: (Double) -> Bool = { [most = parameter.maximum] in $0 > most ?? .infinity }
        guard isBelow(number.value) || isAbove(number.value) else { return nil }
        let culprit = number.culprit(where: isBelow(number.value) ? isBelow : isAbove)
        let fault = OutOfRange(
            parameter: parameter,
            number: culprit,
            isAbove: isAbove(number.value),
            request: request,
            isMergekit: isMergekit
        )
        if compatibility != nil, parameter.kind == .float { return .mergeParameterPastEnd(fault) }
        return isMergekit && parameter.kind == .float && !parameter.isStrict
            ? .mergeParameterCounted(fault) : .mergeParameterOutside(fault)
    }

    /// Warns of numbers that are taken, but hardly meant as they stand: a percentage, mostly.
    ///
    /// What weights are divided by their sum, only their ratios count.
    private mutating func warnOfUnusual(
        _ number: SettledNumber,
        _ parameter: RecipeVocabulary.Parameter,
        of request: BlendRequest,
        normalizes: Bool
    ) {
        guard let usual = parameter.usual, !usual.contains(number.value), !(normalizes && parameter.name == "weight")
        else { return }
        report(.mergeParameterUnusual(parameter, number.culprit { !usual.contains($0) }, usual, of: request))
    }

    /// Whether the blend divides the weights of a tensor by their sum.
    private mutating func normalizes(_ request: BlendRequest, in scope: Int) -> Bool {
        guard let flag = request.method.parameters.first(where: { $0.kind == .bool && $0.name.hasPrefix("normalize") })
        else { return false }
        let given = request.arguments(named: flag.name, ofInput: nil)
        let number = settle(given, at: site(of: request.owner, name: request.outputName, request), in: scope)
        return (number?.value ?? flag.fallback ?? 0) == 1
    }

    /// Whether an error lies in a range.
    private func hasError(in range: SourceRange?) -> Bool {
        guard let range else { return false }
        return findings.all.contains { error in
            guard error.severity == .error, let place = error.range, place.file == range.file else { return false }
            return place.start >= range.start && place.end <= range.end
        }
    }

    /// Reports a fault, once for each place however many tensors have it.
    private mutating func report(_ fault: Diagnostic) {
        guard !findings.all.contains(where: { $0.code == fault.code && $0.place == fault.place }) else { return }
        findings.append(fault)
    }

    /// Whether values that are each allowed are allowed together; reports when not.
    private mutating func goTogether(_ settled: SettledParameters, of request: BlendRequest) -> Bool {
        let parameters = MergeParameters(
            global: settled.global,
            inputs: settled.inputs,
            compatibility: compatibility.map { .release($0, .float32) } ?? .documented
        )
        let layout = MergeLayout(
            shape: request.owner.spec.shape,
            inputCount: request.inputs.count,
            hasBase: request.baseIndex != nil
        )
        guard let error = methods.refusal(of: request.method.name, parameters, layout: layout) else {
            return true
        }
        report(.mergeParametersConflict(error, of: request))
        return false
    }
}

extension BlendRequest {
    /// The settings of a parameter, those that are asked first before those that fill in for them.
    func arguments(named name: String, ofInput input: Int?) -> [Argument] {
        let own = input.flatMap { inputParameters.indices.contains($0) ? inputParameters[$0] : nil } ?? []
        return (own + parameters).filter { $0.name.value == name }
    }

    /// Where a parameter's value is written; where it has none, where the input or the method is named.
    func place(of name: String?, input: Int?) -> SourceRange? {
        let given = name.flatMap { arguments(named: $0, ofInput: input).first?.value.range }
        let named = input.map { inputRanges.indices.contains($0) ? inputRanges[$0] : nil } ?? methodRange
        return given ?? named ?? range
    }

    /// How deep the tensor lies, from 0 at the first layer to 1 at the last; what is below the layers is at 0, what is
    /// above them at 1.
    fileprivate var layerPosition: Double {
        depth ?? (owner.role.group == .embed ? 0 : 1)
    }
}

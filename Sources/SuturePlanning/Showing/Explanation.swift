import SutureTensors

/// Explains one tensor or one layer of a plan: where it comes from, by which line, with which parameters.
public struct Explanation: Sendable {
    private let plan: Plan
    private let places: [String: String]

    /// Creates an explanation of a plan.
    ///
    /// - Parameters:
    ///   - plan: The plan.
    ///   - places: Where the recipe says what, as `file:line:column`, by the names of its nodes and, after a dot, of
    ///     their parameters.
    public init(_ plan: Plan, places: [String: String] = [:]) {
        self.plan = plan
        self.places = places
    }

    /// The explanation of a tensor by its name or a part of it, or of all tensors of a layer by its number.
    ///
    /// - Parameters:
    ///   - subject: An output tensor's name, some of its parts such as `layers.3` or `q_proj`, a glob over names, a layer's
    ///     number, or a part that has a donor, such as `config`.
    ///   - token: A token whose rows are explained alone, where the tensors have one for each.
    /// - Returns: The text, with a final line break, or `nil` where the output has nothing of that name.
    public func text(of subject: String, token: String? = nil) -> String? {
        if let token { return text(ofToken: token, in: subject) }
        if let layer = Int(subject) {
            guard let run = run(ofLayer: layer) else { return nil }
            let tensors = plan.tensors.filter { plan.layer(of: $0) == layer }
            let place = run.place.map { ", asked for at \($0)" } ?? ""
            let head = "layer \(layer) is in the run \(numbers(run.layers)): \(run.label)\(place)\n"
            return head + tensors.map { "\n" + text(of: $0) }.joined()
        }
        if let donor = plan.donors.first(where: { $0.part == subject }) {
            return "\(donor.part) is that of '\(donor.source)': \(donor.reason)\n"
        }
        let named = plan.tensors.filter { matchesGlob(subject, $0.spec.name) }
        let tensors = named.isEmpty ? plan.tensors.filter { Self.has(subject, in: $0.spec.name) } : named
        guard !tensors.isEmpty else { return nil }
        return tensors.map(text(of:)).joined(separator: "\n")
    }

    private func text(ofToken token: String, in subject: String) -> String? {
        guard let number = plan.number(ofToken: token) else { return nil }
        let tables = plan.tables.filter { $0.spec.shape.dimensions[0] > number }
        let named = tables.filter { matchesGlob(subject, $0.spec.name) || Self.has(subject, in: $0.spec.name) }
        let meant =
            switch (named.isEmpty, subject) {
            case (true, "embed"): Array(tables.prefix(1))
            case (true, "head"): tables.count > 1 ? Array(tables.suffix(1)) : tables
            default: named
            }
        guard !meant.isEmpty else { return nil }
        return meant.map { tensor in
            let head = "\(tensor.spec.name)  row \(number) is that of \(token)"
            return ([head] + lines(of: tensor.expression.row(number), indent: 2)).joined(separator: "\n") + "\n"
        }.joined(separator: "\n")
    }

    /// Whether a name has a run of whole parts: `model.layers.3.mlp.up_proj.weight` has `layers.3` and `up_proj`.
    private static func has(_ parts: String, in name: String) -> Bool { ".\(name).".contains(".\(parts).") }

    /// The names of the output's tensors, for "did you mean".
    public var names: [String] { plan.tensors.map(\.spec.name) }

    private func text(of tensor: Plan.Tensor) -> String {
        var lines = ["\(tensor.spec.name)  \(tensor.spec.dtype.rawValue)\(tensor.spec.shape)"]
        if let layer = plan.layer(of: tensor), let run = run(ofLayer: layer) {
            lines.append("  layer    \(layer) of \(run.label)" + (run.place.map { ", asked for at \($0)" } ?? ""))
        }
        lines.append("  written  \(plan.shards[tensor.shard].name), \(tensor.spec.byteCount) bytes at \(tensor.offset)")
        if tensor.isCopy { lines.append("  copied byte for byte") }
        lines += self.lines(of: tensor.expression, indent: 2)
        return lines.joined(separator: "\n") + "\n"
    }

    private func lines(of expression: TensorExpression, indent: Int) -> [String] {
        let margin = String(repeating: " ", count: indent)
        switch expression {
        case .stored(let reference):
            let source = plan.sources[reference.source]
            let file = source.files[reference.file].path.split(separator: "/").last.map(String.init) ?? ""
            return [
                "\(margin)\(source.name): \(reference.spec.name) \(reference.spec.dtype.rawValue)\(reference.spec.shape), "
                    + "\(file) at \(reference.offset) (\(source.reference))"
            ]
        case .adapted(let base, let adaptation):
            return lines(of: .stored(base), indent: indent) + lines(of: adaptation, indent: indent + 2)
        case .scaled(let inner, let factor):
            return ["\(margin)times \(words(factor))"] + lines(of: inner, indent: indent + 2)
        case .filled(let number):
            return ["\(margin)\(words(number)) everywhere"]
        case .rounded(let inner, let dtype):
            return ["\(margin)rounded to \(dtype.rawValue)"] + lines(of: inner, indent: indent + 2)
        case .gathered(let gathered):
            return lines(of: gathered, indent: indent)
        case .blended(let blend):
            return lines(of: blend, indent: indent)
        }
    }

    private func lines(of gathered: GatheredTensor, indent: Int) -> [String] {
        let margin = String(repeating: " ", count: indent)
        if let (first, rows, rest) = gathered.joined {
            return ["\(margin)rows 0 to \(rows - 1)"] + lines(of: first, indent: indent + 2)
                + (rest.map { ["\(margin)rows from \(rows)"] + lines(of: $0, indent: indent + 2) } ?? [])
        }
        let word = gathered.isOfRows ? "rows" : "blocks"
        if gathered.isOfRows, gathered.blockCount == 1, case .blocks(let input, let rows)? = gathered.runs.first {
            return ["\(margin)row \(rows.lowerBound) of"] + lines(of: gathered.inputs[input], indent: indent + 2)
        }
        guard gathered.runs.count <= 12 else {
            return gathered.shares.flatMap { share in
                ["\(margin)\(share.count) \(word) \(share.word ?? "of")"]
                    + (share.input.map { lines(of: gathered.inputs[$0], indent: indent + 2) } ?? [])
            }
        }
        var place = 0
        return gathered.runs.flatMap { run -> [String] in
            let blocks = place..<place + run.count
            place = blocks.upperBound
            let head = "\(margin)\(word) \(numbers(blocks)): "
            switch run {
            case .blocks(let input, let own):
                return ["\(head)\(word) \(numbers(own)) of"] + lines(of: gathered.inputs[input], indent: indent + 2)
            case .mean(let blocks):
                return ["\(head)the mean of"]
                    + blocks.flatMap { block in
                        ["\(margin)  \(word.dropLast()) \(block.number) of"]
                            + lines(of: gathered.inputs[block.input], indent: indent + 4)
                    }
            case .filled(let number, _): return ["\(head)\(words(number)) everywhere"]
            case .padding: return ["\(head)the mean of all other \(word)"]
            }
        }
    }

    private func lines(of adaptation: Adaptation, indent: Int) -> [String] {
        let margin = String(repeating: " ", count: indent)
        let heading: String
        switch adaptation {
        case .dequantized: heading = "times the scales"
        case .sum(_, let scale): heading = "plus \(words(scale)) times"
        case .lowRank(let update):
            let lengths =
                update.scalesColumns ? ", columns brought to their lengths" : ", rows brought to their lengths"
            heading =
                "plus \(words(update.scale)) times the product of rank \(update.rank)"
                + (update.magnitudes == nil ? "" : lengths) + " of"
        }
        return [margin + heading] + adaptation.leaves.flatMap { lines(of: .stored($0), indent: indent + 2) }
    }

    private func lines(of blend: BlendExpression, indent: Int) -> [String] {
        let margin = String(repeating: " ", count: indent)
        var lines = ["\(margin)\(blend.method) in node '\(blend.node)'\(place(blend.node))"]
        for (name, value) in blend.parameters.sorted(by: { $0.key < $1.key }) {
            lines.append("\(margin)  \(name) = \(words(value))\(place("\(blend.node).\(name)"))")
        }
        if let base = blend.base {
            lines.append("\(margin)  base")
            lines += self.lines(of: base, indent: indent + 4)
        }
        for (index, input) in blend.inputs.enumerated() {
            let own = blend.inputParameters.indices.contains(index) ? blend.inputParameters[index] : [:]
            let settings = own.sorted { $0.key < $1.key }.map { name, value in
                "\(name) = \(words(value))\(place("\(blend.node)[\(index)].\(name)"))"
            }
            lines.append(
                "\(margin)  input \(index + 1)" + (settings.isEmpty ? "" : ": " + settings.joined(separator: ", "))
            )
            lines += self.lines(of: input, indent: indent + 4)
        }
        return lines
    }

    /// Where the recipe says something, to be put behind it.
    private func place(_ name: String) -> String { places[name].map { ", asked for at \($0)" } ?? "" }

    private func run(ofLayer layer: Int) -> Plan.Stack.Run? { plan.stack.runs.first { $0.layers.contains(layer) } }

    private func numbers(_ layers: Range<Int>) -> String {
        layers.count == 1 ? "\(layers.lowerBound)" : "\(layers.lowerBound)-\(layers.upperBound - 1)"
    }
}

extension Plan {
    /// The output layer that a tensor's name says, where it says one.
    func layer(of tensor: Tensor) -> Int? {
        guard let prefix = stack.prefix, tensor.spec.name.hasPrefix(prefix + ".") else { return nil }
        return tensor.spec.name.dropFirst(prefix.count + 1).split(separator: ".").first.flatMap { Int($0) }
    }
}

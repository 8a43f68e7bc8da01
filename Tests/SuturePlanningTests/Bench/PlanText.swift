import SutureCheckpoints
import SutureJSON
import SuturePlanning
import SutureTensors
import Testing

/// A plan as a page of text that says what every tensor of the output is made of.
///
/// ```text
/// 0-1 a[0:2] | 2-3 b[2:4]
/// embed a, norm b, head b, config a, tokenizer a
/// 39 BF16
/// model.embed_tokens = a
/// 0-1  a[0:2]
/// 2-3  b[2:4]
/// model.norm = b
/// lm_head = b
/// ```
///
/// `b[2]` is the tensor of the same name in layer 2 of `b`, and `b` alone the tensor of the same name;
/// layers that are called otherwise than the output's are written `b:transformer.h[2]`.
/// What most tensors of a layer are comes first, the others after it with their names. Layers that
/// differ only by counting on share a line, so the page is complete and still short.
struct PlanText {
    let plan: Plan

    var text: String {
        (head + inLayers(before: true) + layers + inLayers(before: false)).joined(separator: "\n")
    }

    // MARK: - Head

    private var head: [String] {
        let stack = plan.stack.runs.map { run in
            "\(Self.span(run.layers)) \(run.label)"
        }
        var counts: [DType: Int] = [:]
        for tensor in plan.tensors { counts[tensor.spec.dtype, default: 0] += 1 }
        let dtypes = counts.sorted { $0.key.rawValue < $1.key.rawValue }.map { "\($0.value) \($0.key.rawValue)" }
        return [
            stack.joined(separator: " | "),
            plan.donors.map { "\($0.part) \($0.source)" }.joined(separator: ", "),
            dtypes.joined(separator: ", "),
        ]
    }

    private static func span(_ layers: Range<Int>) -> String {
        layers.count == 1 ? "\(layers.lowerBound)" : "\(layers.lowerBound)-\(layers.upperBound - 1)"
    }

    // MARK: - Tensors

    private var prefix: String { (plan.stack.prefix ?? "") + "." }

    /// The layer that a name carries after a prefix, and what follows it.
    private func place(_ name: String, after prefix: String) -> (layer: Int, suffix: String)? {
        guard name.hasPrefix(prefix) else { return nil }
        let rest = name.dropFirst(prefix.count)
        guard let dot = rest.firstIndex(of: "."), let layer = Int(rest[..<dot]) else { return nil }
        return (layer, String(rest[rest.index(after: dot)...]))
    }

    private func inLayers(before: Bool) -> [String] {
        let first = plan.tensors.firstIndex { place($0.spec.name, after: prefix) != nil } ?? 0
        return plan.tensors.enumerated().compactMap { index, tensor in
            guard place(tensor.spec.name, after: prefix) == nil, (index < first) == before else { return nil }
            return "\(Self.short(tensor.spec.name)) = \(text(of: tensor, suffix: nil))"
        }
    }

    private var layers: [String] {
        var lines: [String] = []
        var pending: (first: Int, last: Int, text: String)?
        func flush() {
            guard let run = pending else { return }
            let counted = Pieces(run.text).counting(to: run.last - run.first)
            lines.append("\(Self.span(run.first..<run.last + 1))  \(counted)")
        }
        for layer in 0..<plan.stack.layerCount {
            let line = self.line(ofLayer: layer)
            if let run = pending, Pieces(run.text).counting(by: layer - run.first) == line {
                pending = (run.first, layer, run.text)
            } else {
                flush()
                pending = (layer, layer, line)
            }
        }
        flush()
        return lines
    }

    private func line(ofLayer layer: Int) -> String {
        var groups: [(text: String, names: [String])] = []
        for tensor in plan.tensors {
            guard let place = place(tensor.spec.name, after: prefix), place.layer == layer else { continue }
            let text = text(of: tensor, suffix: place.suffix)
            if let known = groups.firstIndex(where: { $0.text == text }) {
                groups[known].names.append(place.suffix)
            } else {
                groups.append((text, [place.suffix]))
            }
        }
        let most = groups.map(\.names.count).max() ?? 0
        guard let main = groups.firstIndex(where: { $0.names.count == most }) else { return "nothing" }
        let odd = groups.indices.filter { $0 != main }.map { index in
            "; " + groups[index].names.map(Self.short).joined(separator: ", ") + ": " + groups[index].text
        }
        return groups[main].text + odd.joined()
    }

    /// A name without what is the same in most: `self_attn.q_proj.weight` is `q_proj`.
    private static func short(_ name: String) -> String {
        var name = name[...]
        if name.hasSuffix(".weight") { name = name.dropLast(".weight".count) }
        for block in ["self_attn.", "mlp.", "block_sparse_moe."] where name.hasPrefix(block) {
            name = name.dropFirst(block.count)
        }
        return String(name)
    }

    // MARK: - Expressions

    private func text(of tensor: Plan.Tensor, suffix: String?) -> String {
        let words = text(of: tensor.expression, name: tensor.spec.name, suffix: suffix)
        guard case .stored(let reference) = tensor.expression, reference.spec.dtype != tensor.spec.dtype else {
            return words
        }
        return "\(words) as \(tensor.spec.dtype.rawValue)"
    }

    private func text(of expression: TensorExpression, name: String, suffix: String?) -> String {
        func inner(_ expression: TensorExpression) -> String { text(of: expression, name: name, suffix: suffix) }
        switch expression {
        case .stored(let reference):
            let source = plan.sources[reference.source].name
            guard let suffix else { return reference.spec.name == name ? source : "\(source):\(reference.spec.name)" }
            guard reference.spec.name.hasSuffix("." + suffix) else { return "\(source):\(reference.spec.name)" }
            let layer = reference.spec.name.dropLast(suffix.count + 1)
            guard let dot = layer.lastIndex(of: "."), let number = Int(layer[layer.index(after: dot)...]) else {
                return "\(source):\(reference.spec.name)"
            }
            let stack = layer[...dot] == prefix ? "" : ":\(layer[..<dot])"
            return "\(source)\(stack)[\(number)]"
        case .scaled(let scaled, let factor): return "\(Self.number(factor)) * \(inner(scaled))"
        case .filled(let number): return "fill \(Self.number(number))"
        case .rounded(let rounded, let dtype): return "round(\(inner(rounded)), \(dtype.rawValue))"
        case .adapted(let reference, _): return "\(inner(.stored(reference))) adapted"
        case .gathered(let gathered):
            if let (first, rows, rest) = gathered.joined {
                return "\(inner(first)) to row \(rows)" + (rest.map { ", then \(inner($0))" } ?? "")
            }
            let owner = { (input: Int) in
                gathered.inputs[input].leaves.first.map { plan.sources[$0.source].name } ?? "none"
            }
            let blocks = gathered.runs.map { run in
                switch run {
                case .blocks(let input, let numbers):
                    "\(owner(input))[\(numbers.lowerBound):\(numbers.upperBound)]"
                case .mean(let blocks):
                    "mean(\(blocks.map { "\(owner($0.input))[\($0.number)]" }.joined(separator: ", ")))"
                case .filled(let number, let count): "\(count) of \(Self.number(number))"
                case .padding(let count): "\(count) of padding"
                }
            }
            return "\(gathered.isOfRows ? "rows" : "blocks") \(blocks.joined(separator: ", "))"
        case .blended(let blend):
            let inputs = blend.inputs.enumerated().map { index, input in
                let own = blend.inputParameters.indices.contains(index) ? blend.inputParameters[index] : [:]
                return inner(input) + (own.isEmpty ? "" : " {\(Self.list(own))}")
            }
            let base = blend.base.map { " from \(inner($0))" } ?? ""
            let parameters = blend.parameters.isEmpty ? "" : ", \(Self.list(blend.parameters))"
            return "\(blend.method)(\(inputs.joined(separator: ", "))\(base)\(parameters))"
        }
    }

    private static func list(_ values: [String: Double]) -> String {
        values.sorted { $0.key < $1.key }.map { "\($0.key) \(number($0.value))" }.joined(separator: ", ")
    }

    /// A number with at most four digits after the point.
    private static func number(_ value: Double) -> String {
        let rounded = (value * 10_000).rounded() / 10_000
        return rounded == rounded.rounded() ? "\(Int(rounded))" : "\(rounded)"
    }
}

/// A line of a plan taken apart at the layer numbers in brackets.
private struct Pieces {
    private var words: [String] = [""]
    private var numbers: [Int] = []

    init(_ text: String) {
        var rest = text[...]
        while let open = rest.firstIndex(of: "[") {
            let inside = rest[rest.index(after: open)...].prefix { $0 != "]" }
            words[words.count - 1] += rest[...open]
            if let number = Int(inside) {
                numbers.append(number)
                words.append("")
            } else {
                words[words.count - 1] += inside
            }
            rest = rest[inside.endIndex...]
        }
        words[words.count - 1] += rest
    }

    /// The line some layers further on.
    func counting(by step: Int) -> String { joined { "\($0 + step)" } }

    /// The line of a run of layers, of which this is the first.
    func counting(to last: Int) -> String { joined { last == 0 ? "\($0)" : "\($0):\($0 + last + 1)" } }

    private func joined(_ word: (Int) -> String) -> String {
        zip(words, numbers.map(word) + [""]).map { $0 + $1 }.joined()
    }
}

extension Planning {
    /// The plan as a page, or what was said in its place.
    var page: String { plan.map { PlanText(plan: $0).text } ?? drawn }

    /// Holds the plan against the page that it should be.
    func expectPage(_ expected: String, sourceLocation: SourceLocation = #_sourceLocation) {
        guard page != expected else { return }
        let lines = zip(page.split(separator: "\n"), expected.split(separator: "\n"))
        let first = lines.first { $0 != $1 }.map { "\n\nfirst difference:\n\($0)\n\($1)" } ?? ""
        Issue.record("the plan is another:\n\(page)\(first)", sourceLocation: sourceLocation)
    }

    /// Whether every tensor's bytes are moved as they are.
    var isAllCopied: Bool { plan.map { plan in plan.tensors.allSatisfy { $0.isCopy } } ?? false }

    /// The plan's config.
    var configObject: JSONObject? {
        let text = plan?.documents.first { $0.name == "config.json" }?.text
        return text.flatMap { try? JSONParser.parse(Array($0.utf8)) }?.object
    }

    /// Fields of the plan's config, such as `num_hidden_layers 3, tie_word_embeddings false`.
    func config(_ keys: String...) -> String {
        guard let object = configObject else { return "no config" }
        return keys.map { "\($0) " + (object[$0].map { JSONPrinter.print($0) } ?? "missing") }.joined(separator: ", ")
    }

    /// What becomes of the sources' tensors, such as `a: 30 used, 9 outside the ranges`.
    var accounts: [String] {
        guard let plan else { return [] }
        return plan.sources.map { source in
            let mine = plan.accounts.filter { $0.source == source.name }
            return "\(source.name): " + mine.map { "\($0.tensorCount) \($0.fate)" }.joined(separator: ", ")
        }
    }
}

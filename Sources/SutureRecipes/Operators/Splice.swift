package import SutureDiagnostics

/// `splice`: one strip with parts taken from others.
package struct Splice: Hashable, Sendable {
    /// The strip that keeps what nobody takes, its ends too.
    package var onto: SliceExpression
    /// The parts taken, in order; a later one wins over an earlier.
    package var takes: [Take]

    /// Creates a splice.
    package init(onto: SliceExpression, takes: [Take]) {
        self.onto = onto
        self.takes = takes
    }

    /// One part taken from another strip.
    package struct Take: Hashable, Sendable {
        /// Which tensors.
        package var selector: Selector
        /// From which strip.
        package var from: SliceExpression
        /// How the taken part is mixed with what was there; `nil` replaces it.
        package var blend: TakeBlend?
        /// Where it is written.
        package var range: SourceRange?

        /// Creates a take.
        package init(selector: Selector, from: SliceExpression, blend: TakeBlend? = nil, range: SourceRange?) {
            self.selector = selector
            self.from = from
            self.blend = blend
            self.range = range
        }
    }

    /// The method by which a taken part is mixed with what was there, which comes first.
    package struct TakeBlend: Hashable, Sendable {
        /// The merge method.
        package var method: Marked<Expression>
        /// Its parameters.
        package var parameters: [Argument]

        /// Creates a blend.
        package init(method: Marked<Expression>, parameters: [Argument]) {
            self.method = method
            self.parameters = parameters
        }
    }
}

extension Splice: GraphOperator {
    static var declaration: KeyDeclaration {
        KeyDeclaration("splice", .mapping(.splice), "one strip with parts taken from others of equal length")
    }

    static func read(_ node: YAMLNode, by parser: inout NativeParser) -> Operation? {
        parser.splice(node).map(Operation.splice)
    }

    var leader: SliceExpression? { onto }

    static var isMerge: Bool { true }

    func mergekitBody(in printer: inout MergekitPrinter, node: String) -> [(String, PrintedYAML)] {
        printer.splice(self, node: node)
    }
}

extension RecipeMapping {
    static let splice = RecipeMapping("splice", "'splice'") {
        [
            KeyDeclaration("onto", .slice, isRequired: true, "the strip that keeps what nobody takes, its ends too"),
            KeyDeclaration("take", .list(.mapping(.take)), isRequired: true, "the parts taken; a later one wins"),
        ]
    }

    static let take = RecipeMapping("take", "an item of 'take'") {
        [
            KeyDeclaration("where", .selector, isRequired: true, "which tensors"),
            KeyDeclaration("from", .slice, isRequired: true, "the strip they come from"),
            KeyDeclaration("blend", .mapping(.takeBlend), "how they are mixed with what was there"),
        ]
    }

    static let takeBlend = RecipeMapping("takeBlend", "'blend' of an item of 'take'") {
        [
            KeyDeclaration("method", .method, isRequired: true, "the merge method"),
            KeyDeclaration("params", .methodParameters, "its parameters"),
        ]
    }
}

extension NativeParser {
    fileprivate mutating func splice(_ node: YAMLNode) -> Splice? {
        guard let fields = fields(of: node, as: .splice) else { return nil }
        let onto = fields["onto"].flatMap { slice($0, "'onto'") }
        let takes = fields["take"].map { take in
            list(take, "'take'", of: "{where:, from:}").compactMap { self.take($0) }
        }
        if fields["take"]?.elements?.isEmpty == true, let take = fields["take"] {
            findings.append(.wrongType("'take'", needs: "at least one {where:, from:}", found: take))
        }
        guard let onto, let takes else { return nil }
        return Splice(onto: onto, takes: takes)
    }

    private mutating func take(_ node: YAMLNode) -> Splice.Take? {
        guard let fields = fields(of: node, as: .take) else { return nil }
        let selector = fields["where"].flatMap { self.selector($0, "'where'") }
        let from = fields["from"].flatMap { slice($0, "'from'") }
        let blend = fields["blend"].flatMap { takeBlend($0) }
        guard let selector, let from else { return nil }
        return Splice.Take(selector: selector, from: from, blend: blend, range: node.range)
    }

    private mutating func takeBlend(_ node: YAMLNode) -> Splice.TakeBlend? {
        guard let fields = fields(of: node, as: .takeBlend),
            let (method, known) = fields["method"].flatMap({ self.method($0) })
        else { return nil }
        let pairs = fields["params"].map { parameterPairs($0) } ?? []
        let parameters = methodParameters(pairs, of: known, isPerInput: false)
        if let known { checkRequired(known, names(in: pairs), [], method: method) }
        return Splice.TakeBlend(method: method, parameters: parameters)
    }
}

extension Splice {
    var printed: PrintedYAML {
        let takes = takes.map { take -> PrintedYAML in
            var pairs = [("where", take.selector.printed), ("from", take.from.printed)]
            if let blend = take.blend {
                var inner = [("method", blend.method.value.scalar)]
                if !blend.parameters.isEmpty { inner.append(("params", blend.parameters.printed)) }
                pairs.append(("blend", .mapping(inner)))
            }
            return .mapping(pairs)
        }
        return .mapping([("onto", onto.printed), ("take", .list(takes))])
    }
}

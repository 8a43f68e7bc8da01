import SutureRecipes

/// What an operator of the recipe language is to the planner.
protocol LoweredOperator {
    /// The strip that it makes, its first layer at an output layer; `nil` where something was wrong, which is reported.
    func strip(by lowering: inout Lowering, node: SliceGraph.Node, in scope: Int, at position: Int) -> Strip?

    /// The same without imports, parameters and loops; `nil` where something was wrong, which is reported.
    func flat(by flattening: inout Flattening, in scope: Int) -> Operation?

    /// Whether it does arithmetic on weights, so deep in recipes that use each other.
    func computesNumbers(depth: Int) -> Bool

    /// Where the recipe writes the parameters of its blends, by their names behind that of the node.
    func places(of node: String, under path: String) -> [String: String]
}

extension LoweredOperator {
    func places(of node: String, under path: String) -> [String: String] { [:] }
}

extension Operation {
    /// The operator, as the planner sees it.
    var lowered: any LoweredOperator {
        switch self {
        case .slice(let slice): slice
        case .stack(let stack): stack
        case .splice(let splice): splice
        case .blend(let blend): blend
        case .expand(let expansion): expansion
        case .edit(let edit): edit
        case .use(let use): use
        }
    }
}

extension SliceExpression: LoweredOperator {
    func strip(by lowering: inout Lowering, node: SliceGraph.Node, in scope: Int, at position: Int) -> Strip? {
        lowering.strip(of: self, in: scope, at: position)
    }

    func flat(by flattening: inout Flattening, in scope: Int) -> Operation? {
        flattening.slice(self, in: scope, locals: [:]).map(Operation.slice)
    }

    func computesNumbers(depth: Int) -> Bool { false }
}

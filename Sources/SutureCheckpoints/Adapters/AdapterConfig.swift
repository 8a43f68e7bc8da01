import SutureDiagnostics
import SystemPackage

/// What `adapter_config.json` says of a LoRA (arXiv 2106.09685), in PEFT's layout.
package struct AdapterConfig: Sendable {
    /// The model it was made for, as its maker named it.
    package let base: String?

    /// Whether the product is scaled by `alpha / sqrt(r)` (rsLoRA, arXiv 2312.03732) and not by `alpha / r`.
    package let isRankStabilized: Bool

    /// Whether weights are decomposed into magnitude and direction (DoRA, arXiv 2402.09353).
    package let isDecomposed: Bool

    /// Whether the weights of the adapted modules lie as `[in, out]`: its word, which PEFT corrects by the module's type.
    package let isTransposed: Bool

    /// Whether what changes an embedding changes the head that is tied to it.
    package let ensuresTie: Bool

    /// The layers that the model was stacked of before it was trained; none where it was left as it is.
    package let replication: [Range<Int>]

    /// The modules it says it adapts, where it lists them by name.
    package let targets: [String]

    /// The pattern of the modules it adapts, or `all-linear`, where it lists none.
    package let targetPattern: String?

    /// The modules that were trained whole, by the ends of their names.
    package let savedModules: [String]

    /// The rank of modules that no pattern names.
    package let rank: Int

    /// What the product is multiplied by, times the rank, where no pattern says otherwise.
    package let alpha: Double

    let parameters: [String]
    let tokens: [(module: String?, rows: [Int])]
    let ranks: [(pattern: ModulePattern, value: Int)]
    let alphas: [(pattern: ModulePattern, value: Double)]

    /// Whether a module was trained whole.
    package func saves(_ module: String) -> Bool { savedModules.contains { module.hasSuffix($0) } }

    /// Whether what was saved of an embedding was saved of the head as well: PEFT ensures the tie by these names alone.
    var savesTiedHead: Bool {
        ensuresTie && savedModules.contains { ["embed_tokens", "lm_head"].contains($0.split(separator: ".").last) }
    }

    /// The parameters of a module itself that it adapts, by their names there; each once, sorted.
    package func parameters(of module: String) -> [String] {
        var found: Set<String> = []
        for target in parameters {
            let parts = target.split(separator: ".").map(String.init)
            let home = parts.dropLast().joined(separator: ".")
            guard let name = parts.last, home.isEmpty || home == module || module.hasSuffix("." + home) else {
                continue
            }
            found.insert(name)
        }
        return found.sorted()
    }

    /// The rows of a module that were trained alone, in the order in which the adapter holds them.
    package func tokens(of module: String) -> [Int] {
        tokens.first { $0.module.map { $0 == module || module.hasSuffix("." + $0) } ?? true }?.rows ?? []
    }

    /// The rank that the config gives a module.
    package func rank(of module: String) -> Int { ranks.first { $0.pattern.matches(module) }?.value ?? rank }

    /// What the product of a module's factors is multiplied by.
    package func scale(of module: String, rank: Int) -> Double {
        let alpha = alphas.first { $0.pattern.matches(module) }?.value ?? alpha
        return alpha / (isRankStabilized ? Double(rank).squareRoot() : Double(rank))
    }
}

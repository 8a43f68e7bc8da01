import SutureDiagnostics
import SutureTensors

/// A made-up model as somebody asks for it: `synthetic:llama?layers=8&hidden=64&seed=1`.
///
/// The same words make the same bytes on every machine. `tune=7` adds a little noise of its own to the
/// numbers of `seed`, as a fine-tune would; `data=none` makes true headers over sparse zeros, so that
/// a stack of any size can be planned.
struct SyntheticModel: Hashable {
    /// How many bytes each file of a checkpoint may have where `shards` does not say.
    static let shardByteLimit = 5_000_000_000

    let family: SyntheticFamily
    var layers = 4
    var hidden = 64
    var heads = 4
    var keyValueHeads = 2
    var headSize = 16
    var mlp = 192
    var vocabulary = 512
    var experts = 4
    var context = 2048
    var window = 64
    var dtype = DType.bfloat16
    var shards: Int?
    var isTied = false
    var seed: UInt64 = 0
    var tune: UInt64?
    var noise = 0.05
    var hasData = true

    /// The model with every default filled in: models of one description have the same bytes.
    var description: String {
        let values: [(String, String)] = [
            ("layers", "\(layers)"), ("hidden", "\(hidden)"), ("heads", "\(heads)"), ("kv", "\(keyValueHeads)"),
            ("head_dim", "\(headSize)"), ("mlp", "\(mlp)"), ("vocab", "\(vocabulary)"), ("experts", "\(experts)"),
            ("context", "\(context)"), ("window", "\(window)"), ("dtype", dtype.rawValue),
            ("shards", shards.map(String.init) ?? "auto"), ("tied", isTied ? "1" : "0"), ("seed", "\(seed)"),
            ("tune", tune.map { "\($0)*\(noise)" } ?? "none"), ("data", hasData ? "random" : "none"),
        ]
        return "synthetic:\(family.rawValue)?" + values.map { $0.0 + "=" + $0.1 }.joined(separator: "&")
    }

    /// Reads a reference that begins with `synthetic:`.
    ///
    /// - Throws: `Diagnostics` with every key and value that is wrong.
    init(parsing text: String) throws(Diagnostics) {
        var parser = try SyntheticParser(text)
        family = parser.family
        isTied = family.isUsuallyTied
        dtype = family == .bert ? .float32 : .bfloat16
        layers = parser.number("layers", in: 1...10_000) ?? layers
        hidden = parser.number("hidden", in: 2...1_000_000) ?? hidden
        heads = parser.number("heads", in: 1...100_000) ?? Self.usualHeads(hidden: hidden)
        keyValueHeads = family.groupsHeads ? heads % 2 == 0 ? heads / 2 : heads : heads
        if family.groupsHeads { keyValueHeads = parser.number("kv", in: 1...heads) ?? keyValueHeads }
        if family.hasHeadSize, let size = parser.number("head_dim", in: 2...65_536) {
            headSize = size
        } else {
            headSize = hidden / heads
            if hidden % heads != 0 { parser.faults.append(.indivisible(text, "hidden", hidden, "heads", heads)) }
        }
        if heads % keyValueHeads != 0 { parser.faults.append(.indivisible(text, "heads", heads, "kv", keyValueHeads)) }
        if family.isRotary, headSize % 2 != 0 { parser.faults.append(.oddHead(text, headSize)) }
        mlp = parser.number("mlp", in: 1...4_000_000) ?? family.usualMLP(hidden: hidden)
        vocabulary = parser.number("vocab", in: 8...4_000_000) ?? vocabulary
        if family.hasExperts { experts = parser.number("experts", in: 2...1024) ?? experts }
        context = parser.number("context", in: 1...10_000_000) ?? context
        window = parser.number("window", in: 1...10_000_000) ?? window
        shards = parser.number("shards", in: 1...99_999)
        seed = UInt64(parser.number("seed", in: 0...Int.max) ?? 0)
        tune = parser.number("tune", in: 0...Int.max).map(UInt64.init)
        noise = parser.fraction("noise") ?? noise
        isTied = parser.flag("tied") ?? isTied
        dtype = parser.dtype("dtype") ?? dtype
        hasData = parser.word("data", among: ["random", "none"]).map { $0 == "random" } ?? hasData
        parser.finish()
        if parser.faults.all.isEmpty {
            let count = SyntheticFamily.tensorLimit(self)
            if count > 2_000_000 { parser.faults.append(.tooManyTensors(text, count)) }
        }
        try parser.faults.throwIfErrors()
    }

    /// Heads of 64 numbers in large models and of 16 in small ones, if they divide the hidden size.
    private static func usualHeads(hidden: Int) -> Int {
        let wanted = max(1, hidden / (hidden >= 512 ? 64 : 16))
        return (1...wanted).reversed().first { hidden % $0 == 0 && hidden / $0 % 2 == 0 } ?? 1
    }
}

extension Diagnostic {
    fileprivate static func indivisible(_ text: String, _ a: String, _ x: Int, _ b: String, _ y: Int) -> Diagnostic {
        let message = "\(a) \(x) is no multiple of \(b) \(y)"
        return badSynthetic(text, message)
    }

    fileprivate static func oddHead(_ text: String, _ size: Int) -> Diagnostic {
        let message = "heads of \(size) numbers cannot be rotated: the size must be even"
        return badSynthetic(text, message)
    }

    fileprivate static func tooManyTensors(_ text: String, _ count: Int) -> Diagnostic {
        let message = "the model would have \(count) tensors, more than the 2000000 that one may have"
        return badSynthetic(text, message)
    }
}

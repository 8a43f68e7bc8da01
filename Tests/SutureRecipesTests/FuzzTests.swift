import Glibc
import SutureDiagnostics
import SutureRecipes
import SutureTestSupport
import Testing

/// Recipes with something broken in them, made from sound ones by a generator with a fixed seed.
///
/// `SUTURE_FUZZ=1000000 swift test --filter FuzzTests` tries as many as it says.
@Suite("Texts that nobody would write", .tags(.slow), .unlessQuick)
struct FuzzTests {
    private static let count = getenv("SUTURE_FUZZ").flatMap { Int(String(cString: $0)) } ?? 20_000

    /// A third of the texts goes to each of YAML, expressions and recipes.
    private static let chunk = 500

    @Test("are refused in words or read, as YAML", arguments: 0..<max(1, count / 3 / chunk))
    func yaml(batch: Int) {
        var random = Generator(seed: UInt64(batch) &* 3)
        for _ in 0..<Self.chunk {
            let text = random.mutation(of: Self.yamlCorpus, words: Self.yamlWords)
            let outcome = Result { () throws(Diagnostic) in
                try YAMLReader.documents(in: SourceFile(path: "f.yml", text: text))
            }
            guard case .failure(let diagnostic) = outcome else { continue }
            #expect(!diagnostic.message.isEmpty && DiagnosticRenderer().render(diagnostic).contains(diagnostic.code))
        }
    }

    @Test("are refused in words or have a value, as expressions and slices", arguments: 0..<max(1, count / 3 / chunk))
    func expressions(batch: Int) {
        var random = Generator(seed: UInt64(batch) &* 3 &+ 1)
        for _ in 0..<Self.chunk {
            let text = random.mutation(of: Self.expressionCorpus, words: Self.expressionWords)
            let quoted = text.filter { $0 != "'" && $0 != "\n" }
            let recipe = """
                slicegraph: 1
                inputs: {base: o/m, a: o/a}
                params: {n: 7}
                let: {k: '${\(quoted)}'}
                graph: {out: {stack: [a, 'base[\(quoted)]']}}
                """
            guard let graph = read(recipe).graph else { continue }
            for definition in graph.definitions {
                _ = Result { () throws(ExpressionError) in try definition.expression.value.evaluate { _ in .integer(3) }
                }
            }
            check(graph)
        }
    }

    @Test("are refused in words or print to what reads back, as recipes", arguments: 0..<max(1, count / 3 / chunk))
    func recipes(batch: Int) {
        var random = Generator(seed: UInt64(batch) &* 3 &+ 2)
        for _ in 0..<Self.chunk {
            let text = random.mutation(of: Self.recipeCorpus, words: Self.recipeWords)
            let reading = read(text, path: "f.yml", others: ["./overlap-upscale.yml": TourTests.overlap])
            if case .refused(let diagnostics) = reading {
                #expect(diagnostics.contains { $0.severity == .error })
                #expect(!reading.drawn.isEmpty)
            }
            if let graph = reading.graph, graph.dialect == .native, !graph.usesOthers { check(graph) }
        }
    }

    /// What was read prints to what reads back and prints the same.
    private func check(_ graph: SliceGraph) {
        let printed = RecipePrinter.print(graph)
        let again = read(printed)
        guard let second = again.graph else {
            Issue.record("printed:\n\(printed)\n\(again.drawn)")
            return
        }
        #expect(RecipePrinter.print(second) == printed)
    }

    // MARK: - What is broken, and with what

    private static let recipes = RecipePrinterTests.sources + [TourTests.math]

    private static let yamlCorpus =
        recipes + [
            "a: &x {k: 1}\nb: *x\nc: {<<: [*x, *x], d: 2}\n---\n- 1\n- !!str 5\n? [k]\n: |\n  text\n...\n"
        ]
    private static let yamlWords = [
        "&x", "*x", "<<: ", "!!str ", "!x ", "---\n", "...\n", "- ", "? ", ": ", "|\n", ">-\n", "[", "]", "{", "}",
        "\"",
        "'", "#", "\t", "\u{0}", "\u{FEFF}", "\u{85}", "\u{2028}", "ä", "\u{1F600}", "%YAML 1.2\n", "\r\n", "  ",
        String(repeating: "[", count: 70), String(repeating: "- ", count: 70),
    ]

    private static let expressionCorpus = [
        "1 + 2 * n", "round(base.layers * 3 / 4)", "n - 3 : n", "0:8, 16:24", "-8:", "31:15:-1",
        "min(n, 3, base.hidden)",
        "not (n < 3 and n != 2) or n == 7", "(((n)))", "n // 2 % 3", "1e-3 * .5", "9223372036854775807", "len(\"a\")",
    ]
    private static let expressionWords = [
        "(", ")", "[", "]", ":", ",", "+", "-", "*", "/", "//", "%", "<", "<=", "==", "!=", " and ", " or ", " not ",
        "n",
        "base.layers", "min(", "round(", "1", "0", "9223372036854775807", "1e308", ".", "..", "\"", "${", "}", "$${",
        "é",
        String(repeating: "(", count: 50), String(repeating: "-", count: 200), String(repeating: "n+", count: 200),
    ]

    private static let recipeCorpus = recipes + MergekitReadingTests.translations.map(\.mergekit)
    private static let recipeWords = [
        "slicegraph: 1\n", "graph:\n", "out: ", "stack: ", "slice: ", "blend: ", "from: ", "use: ", "where: ", "not: ",
        "${n}", "${", "caller.", "base[0:4]", "[0, 1]", "{}", "[]", "~", "null", "-1", "0.5", "1e400", "yes", "a", "b",
        "out",
        "foreach: {i: \"0:4\"}", "curve: [0, 1]", "layers[0:2].attn.*", "attn.*", "\"*\"", "merge_method: ", "slerp",
        "passthrough", "layer_range: [0, 4]", "parameters: ", "filter: ", "- ", "  ", "\n", ": ", "&x ", "*x", "<<: *x",
        "---\n", "name: a\n", "model: ", "o/a@b+c", "99999999999999999999", "\u{1F600}", "\t",
    ]
}

/// Random numbers that are the same on every machine (SplitMix64).
private struct Generator: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) {
        state = seed &+ 0x9E37_79B9_7F4A_7C15
    }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }

    private mutating func below(_ bound: Int) -> Int { Int(next() % UInt64(max(1, bound))) }

    /// One of the texts with a few things done to it.
    mutating func mutation(of corpus: [String], words: [String]) -> String {
        var scalars = Array(corpus[below(corpus.count)].unicodeScalars)
        for _ in 0...below(4) {
            let place = below(scalars.count + 1)
            let end = min(scalars.count, place + below(12))
            switch below(7) {
            case 0: scalars.removeSubrange(place..<end)
            case 1: scalars.insert(contentsOf: words[below(words.count)].unicodeScalars, at: place)
            case 2: scalars.replaceSubrange(place..<end, with: words[below(words.count)].unicodeScalars)
            case 3: scalars.insert(contentsOf: scalars[place..<end], at: below(scalars.count + 1))
            case 4: if place < scalars.count { scalars[place] = Unicode.Scalar(UInt8(below(128))) }
            case 5:
                let other = Array(corpus[below(corpus.count)].unicodeScalars)
                let start = below(other.count + 1)
                scalars.insert(contentsOf: other[start..<min(other.count, start + below(80))], at: place)
            default: swapLines(&scalars)
            }
        }
        return String(String.UnicodeScalarView(scalars))
    }

    private mutating func swapLines(_ scalars: inout [Unicode.Scalar]) {
        var lines = scalars.split(separator: "\n", omittingEmptySubsequences: false)
        lines.swapAt(below(lines.count), below(lines.count))
        scalars = Array(lines.joined(separator: ["\n"]))
    }
}

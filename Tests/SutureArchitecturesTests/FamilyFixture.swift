import Glibc
import SutureArchitectures
import SutureJSON
import SutureTensors
import SutureTestSupport
import Testing

/// One family of the fixture: the names of its tensors and what each of them is.
struct FamilyFixture: Sendable, CustomTestStringConvertible {
    struct Kind: Sendable {
        let layers: [Int]
        let labels: [String: Sublayer]
    }

    struct Run: Sendable {
        let prefix: String
        let layerCount: Int
        let countKey: String?
        let isText: Bool
        let kinds: [Kind]

        func name(_ layer: Int, _ suffix: String) -> String {
            guard let mark = suffix.firstIndex(of: "{") else { return "\(prefix).\(layer).\(suffix)" }
            return "\(prefix).\(suffix[..<mark])\(layer)\(suffix[mark...].dropFirst(2))"
        }
    }

    let modelType: String
    let task: String
    let runs: [Run]
    let embedding: [String]
    let head: [String]
    let norm: [String]
    let others: [String]
    let tied: Bool?

    var testDescription: String { "\(modelType) (\(task))" }

    static let vocab = 96
    static let hidden = 64

    static let all: [FamilyFixture] = {
        let value = try? JSONParser.parse(readFixture("architectures/families.json"))
        return value?.array?.compactMap { $0.object.map(FamilyFixture.init) } ?? []
    }()

    init(_ object: JSONObject) {
        let strings = { (key: String) in object[key]?.array?.compactMap(\.string) ?? [] }
        modelType = object["type"]?.string ?? ""
        task = object["task"]?.string ?? ""
        embedding = strings("embedding")
        head = strings("head")
        norm = strings("norm")
        others = strings("global")
        tied = object["tied"]?.bool
        runs = (object["stacks"]?.array ?? []).compactMap(\.object).map { stack in
            Run(
                prefix: stack["prefix"]?.string ?? "",
                layerCount: stack["layers"]?.int ?? 0,
                countKey: stack["count"]?.string,
                isText: stack["text"]?.bool ?? false,
                kinds: (stack["kinds"]?.array ?? []).compactMap(\.object).map(Self.kind)
            )
        }
    }

    private static func kind(_ object: JSONObject) -> Kind {
        var labels: [String: Sublayer] = [:]
        for sublayer in Sublayer.allCases {
            for suffix in object[sublayer.rawValue]?.array ?? [] { labels[suffix.string ?? ""] = sublayer }
        }
        let layers = (object["at"]?.string ?? "").split(separator: ",").flatMap { range -> [Int] in
            let ends = range.split(separator: "-").compactMap { Int($0) }
            return ends.isEmpty ? [] : Array(ends[0]...ends[ends.count - 1])
        }
        return Kind(layers: layers, labels: labels)
    }

    // MARK: - As a checkpoint

    /// A config that says what the family's own says of depth and vocabulary.
    var config: JSONObject {
        var config: JSONObject = ["model_type": .string(modelType)]
        for run in runs {
            guard let key = run.countKey else { continue }
            if key.hasPrefix("len(") {
                let list = JSONValue.array(Array(repeating: "mamba", count: run.layerCount))
                config[String(key.dropFirst(4).dropLast())] = list
                continue
            }
            let path = key.split(separator: " ").last.map(String.init) ?? key
            config[path.split(separator: ".").map(String.init)] = .int(run.layerCount)
        }
        let scope = runs.first { $0.isText && $0.countKey != nil }?.countKey ?? ""
        let nested = scope.split(separator: ".").dropLast().map(String.init)
        config[nested + ["vocab_size"]] = .int(Self.vocab)
        return config
    }

    /// The tensors of all layers and ends, with two experts in place of many.
    func tensors() throws -> [TensorSpec] {
        var names: [(String, Shape)] = []
        for run in runs {
            for kind in run.kinds {
                for layer in kind.layers {
                    for suffix in kind.labels.keys.sorted() {
                        for full in Self.expanded(suffix) {
                            names.append((run.name(layer, full), Self.shape(full)))
                        }
                    }
                }
            }
        }
        names += (embedding + head.filter { $0.hasSuffix("weight") }).map { ($0, [Self.vocab, Self.hidden]) }
        names += (norm + head.filter { !$0.hasSuffix("weight") }).map { ($0, [Self.hidden]) }
        names += others.map { ($0, Self.shape($0)) }
        var seen = Set<String>()
        return try names.filter { seen.insert($0.0).inserted }.map { try TensorSpec($0.0, .bfloat16, $0.1) }
    }

    static func expanded(_ suffix: String) -> [String] {
        guard let hash = suffix.firstIndex(of: "#") else { return [suffix] }
        return ["0", "1"].flatMap { expanded(suffix[..<hash] + $0 + suffix[suffix.index(after: hash)...]) }
    }

    private static func shape(_ name: String) -> Shape {
        let isVector = name.hasSuffix("bias") || name.lowercased().contains("norm") || name.contains("ln_")
        return isVector ? [hidden] : [hidden, hidden]
    }
}

/// The bytes of a file under `Tests/Fixtures`.
func readFixture(_ relative: String) -> [UInt8] {
    guard let file = fopen(Fixture.path(relative), "rb") else { return [] }
    defer { fclose(file) }
    var bytes: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 1 << 16)
    while case let count = fread(&buffer, 1, buffer.count, file), count > 0 { bytes += buffer[..<count] }
    return bytes
}

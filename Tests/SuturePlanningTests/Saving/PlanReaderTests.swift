import SutureCheckpoints
import SutureDiagnostics
import SutureJSON
import SutureMergekit
import SutureMerging
@testable import SuturePlanning
import SutureTensors
import Testing

/// Plans that are kept as text.
///
/// That every plan reads back as it was printed is checked wherever a bench makes one.
@Suite("Plans that are kept")
struct PlanReaderTests {
    /// A tensor of a source that says everything there is to say.
    private static func reference(_ name: String, _ shape: Shape, strides: [Int]? = nil) -> StoredTensorReference {
        guard let spec = try? TensorSpec(name, .bfloat16, shape) else {
            preconditionFailure("a shape of a few numbers")
        }
        return StoredTensorReference(source: 0, file: 1, offset: 4096, spec: spec, strides: strides)
    }

    /// One of each kind, the rare ones among them, with numbers that are hard to spell.
    static let expressions: [TensorExpression] = [
        .stored(reference("a \"quoted\" näme\u{301}", [2, 3], strides: [1, 2])),
        .scaled(.stored(reference("a", [2])), by: 0.1 + 0.2),
        .filled(-0.0),
        .filled(.infinity),
        .rounded(.filled(.leastNonzeroMagnitude), to: .float8E4M3),
        .gathered(GatheredTensor(.filled(1), rows: 3, then: .scaled(.filled(2), by: 1e300), to: 5)),
        .adapted(
            reference("w", [4, 6]),
            by: .lowRank(
                LowRankUpdate(
                    rows: reference("l", [4, 2]),
                    columns: reference("r", [2, 6]),
                    scale: 0.3,
                    magnitudes: reference("m", [4]),
                    scalesColumns: true
                )
            )
        ),
        .gathered(
            GatheredTensor(
                inputs: [
                    .stored(reference("w", [4, 6])),
                    .adapted(reference("e", [2, 6]), by: .sum(reference("d", [2, 6]), scale: 2)),
                ],
                runs: [
                    .blocks(of: 0, 1..<4), .mean([.init(input: 0, number: 3), .init(input: 1, number: 0)]),
                    .filled(-0.0, count: 2), .padding(count: 3),
                ]
            )
        ),
        .adapted(reference("w", [4, 6]), by: .sum(reference("d", [4, 6]), scale: -1)),
        .adapted(reference("w", [4, 6]), by: .dequantized(scales: reference("s", [1, 1]), blocks: [128, 128])),
        .gathered(
            GatheredTensor(
                inputs: [.stored(reference("e", [9, 8])), .stored(reference("f", [9, 8]))],
                dimension: 1,
                blockLength: 2,
                blocks: [.init(input: 1, number: 3), .init(input: 0, number: 0)]
            )
        ),
        .blended(
            BlendExpression(
                method: "ties",
                inputs: [.filled(1), .blended(BlendExpression(method: "slerp", inputs: [], node: ""))],
                base: .stored(reference("b", [])),
                parameters: ["é": 0.5, "e\u{301}x": 1],
                inputParameters: [[:], ["weight": 0.6, "density": 1 / 3]],
                node: "out/ab"
            )
        ),
    ]

    /// A plan of such tensors.
    static func plan(_ expressions: [TensorExpression] = expressions) throws -> Plan {
        let files = [
            Plan.Source.File(path: "/m/1", byteCount: 1 << 40, version: .file(inode: .max, modified: -1)),
            Plan.Source.File(path: "/m/2", byteCount: 7, version: .content("e-tag"), unpackedByteCount: 9),
        ]
        return Plan(
            recipe: .init(name: "n", path: "-", dialect: "native", text: "a: \u{1}\t\"\\\r\n\u{2028}", summary: "s"),
            sources: [
                .init(name: "a", reference: "o/a", folder: "/m", hubID: "o/a", revision: "f00", files: files)
            ],
            tensors: try expressions.enumerated().map { index, expression in
                Plan.Tensor(
                    spec: try TensorSpec("t\(index)", .float16, [2, 3]),
                    shard: 0,
                    offset: 64 + 12 * index,
                    expression: expression
                )
            },
            shards: [.init(name: "x", tensors: 0..<expressions.count, dataStart: 64, byteCount: 1000)],
            documents: [.init(name: "config.json", text: "{}\n")],
            companions: [.init(name: "deep/tokenizer.json", path: "/m/tokenizer.json", byteCount: 3)],
            stack: .init(layerCount: 2, prefix: "model.layers", runs: [.init(layers: 0..<2, label: "a", place: nil)]),
            donors: [.init(part: "embed", source: "a", reason: "by rule")],
            accounts: [.init(source: "a", fate: "used", tensorCount: 3, byteCount: 40)],
            settings: .init(seed: -3, compatibility: .mergekit014, computeDType: .float16, allowsNonFinite: true)
        )
    }

    @Test("read back as they were, whatever is in them")
    func roundTrip() throws {
        var plan = try Self.plan()
        #expect(try again(plan) == plan)
        plan.stack.prefix = nil
        plan.recipe.summary = nil
        plan.recipe.given.inputs = ["a": "o/a", "é": ""]
        plan.recipe.given.parameters = ["t": "0.5"]
        plan.recipe.given.shardSize = 7
        plan.recipe.given.roundsStages = true
        plan.recipe.given.keepsFiles = true
        plan.shards[0].original = .init(source: 0, file: 1)
        plan.recipe.given.flat = "slicegraph: 1\n"
        plan.sources[0].files[0].sha256 = String(repeating: "a", count: 64)
        plan.sources[0].hubID = nil
        plan.sources[0].revision = nil
        plan.settings = .init()
        #expect(try again(plan) == plan)
        #expect(try again(Self.plan([])) == Self.plan([]))
    }

    private func again(_ plan: Plan) throws -> Plan {
        try PlanReader.read(Self.text(plan), called: "plan.json")
    }

    static func text(_ plan: Plan) -> [UInt8] {
        Array(PlanJSON().print(PlanningResult(plan: plan, diagnostics: [])).utf8)
    }

    /// An edit of a plan's text, and what the reader must say to it.
    struct Edit: CustomTestStringConvertible, Sendable {
        let old: String
        let new: String
        let message: String

        var testDescription: String { "\(old) -> \(new)" }

        init(_ old: String, _ new: String, says message: String) {
            self.old = old
            self.new = new
            self.message = message
        }
    }

    @Test(
        "are refused with the path to what somebody edited",
        arguments: [
            Edit(
                "\"plan\": 1",
                "\"plan\": 2",
                says: "the plan is of version 2 of the format, and suture 0.1.0 reads 1"
            ),
            Edit("\"plan\": 1", "\"plans\": 1", says: "the key 'plan' with the format's version is missing"),
            Edit("\"donors\":", "\"donor\":", says: "'donors' is missing"),
            Edit("\"shard\": 0", "\"shard\": 1", says: "tensors[0].shard: shard 1 of 1 is meant"),
            Edit("\"offset\": 64,", "\"offset\": -64,", says: "tensors[0].offset: -64 is less than 0"),
            Edit("\"offset\": 64,", "\"offset\": 64.5,", says: "tensors[0].offset: '64.5' is no whole number"),
            Edit("\"offset\": 64,", "\"offset\": 1e99,", says: "tensors[0].offset: '1e99' is no whole number"),
            Edit("\"offset\": 64,", "\"offset\": 99999999999999999999,", says: "is no whole number of 64 bits"),
            Edit("\"F16\"", "\"F17\"", says: "settings.compute_dtype: there is no dtype 'F17'"),
            Edit("\"source\": 0", "\"source\": 3", says: "tensors[0].tree.stored: source 3 of 1 is meant"),
            Edit("\"file\": 1", "\"file\": 2", says: "tensors[0].tree.stored: file 2 of 2 of its source is meant"),
            Edit("\"stored\":", "\"stoned\":", says: "tensors[0].tree: expected one of stored, scaled,"),
            Edit(
                "\"scaled\":",
                "\"scaled\": 7, \"x\":",
                says: "tensors[1].tree.scaled: expected an object, found a number"
            ),
            Edit(
                "\"name\": \"config.json\"",
                "\"name\": 7",
                says: "documents[0].name: expected a string, found a number"
            ),
            Edit("\"sources\":", "\"later\": [], \"sources2\":", says: "'sources' must stand before 'tensors'"),
            Edit(
                "\"tensors\": [",
                "\"tensors\": [0, 99], \"x\": [",
                says: "shards[0].tensors: the last of them is none of"
            ),
            Edit(
                "\"modified\": -1",
                "\"modified\": null",
                says: "sources[0].files[0].modified: expected a whole number"
            ),
            Edit("\"seed\": -3", "\"seed\": -3, \"seed\": 4", says: "the key 'seed' comes twice in one object"),
        ]
    )
    func refuse(edit: Edit) throws {
        let text = String(decoding: Self.text(try Self.plan()), as: UTF8.self)
        let place = try #require(text.firstRange(of: edit.old), "'\(edit.old)' is not in the plan")
        let edited = text[..<place.lowerBound] + edit.new + text[place.upperBound...]
        let error = #expect(throws: Diagnostics.self) {
            try PlanReader.read(Array(edited.utf8), called: "plan.json")
        }
        let messages = error?.all.map(\.message) ?? []
        #expect(messages.contains { $0.contains(edit.message) }, "\(messages)")
        #expect(error?.all.allSatisfy { $0.fix != nil && $0.place == .file("plan.json", tensor: nil) } ?? false)
    }

    @Test("are refused with all faults at once, but not a million of them")
    func countFaults() throws {
        let text = String(decoding: Self.text(try Self.plan()), as: UTF8.self)
        let broken = text.replacing("\"dtype\": \"F16\"", with: "\"dtype\": \"X\"")
            .replacing("\"accounts\": [", with: "\"accounts\": [" + String(repeating: "0, ", count: 1000))
        let error = #expect(throws: Diagnostics.self) { try PlanReader.read(Array(broken.utf8), called: "plan.json") }
        #expect(error?.all.count == 21)
        #expect(error?.all.last?.message == "and \(980 + Self.expressions.count) more faults of these kinds")
    }

    @Test("are refused where their sums overflow")
    func hugeSums() throws {
        var plan = try Self.plan()
        plan.companions.append(.init(name: "b", path: "/m/b", byteCount: .max))
        let error = #expect(throws: Diagnostics.self) { try again(plan) }
        #expect(error?.all.map(\.message) == ["copies: they are larger than any disk"])
    }
}

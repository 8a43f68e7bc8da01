import Glibc
import SutureCheckpoints
import SutureDiagnostics
@testable import SutureExecution
import SutureJSON
import SuturePlanning
import SutureTensors
import SutureTestSupport
import Testing

/// Plans with something broken in them, made from sound ones by a generator with a fixed seed.
///
/// `SUTURE_FUZZ=1000000 swift test --filter PlanFileFuzzTests` tries as many as it says.
@Suite("Plan files that nobody would write", .tags(.slow), .unlessQuick)
struct PlanFileFuzzTests {
    private static let count = getenv("SUTURE_FUZZ").flatMap { Int(String(cString: $0)) } ?? 500
    private static let chunk = 100

    private static func sound() throws -> [UInt8] {
        var text: [UInt8] = []
        try Workbench.with(.llama(layers: 2)) { bench in
            var test = try TestPlan.stack(bench.model, layers: [1, 0], shardSize: 600)
            for index in test.tensors.indices.dropFirst() where index < 9 {
                let inner = test.tensors[index].expression
                test.tensors[index].expression =
                    switch index % 4 {
                    case 0: .scaled(inner, by: 0.5)
                    case 1: .blended(BlendExpression(method: "ties", inputs: [inner, inner], base: inner, node: "out"))
                    case 2:
                        .rounded(
                            .gathered(
                                GatheredTensor(
                                    .scaled(inner, by: 2),
                                    rows: 1,
                                    then: .filled(2),
                                    to: test.tensors[index].spec.shape.dimensions[0]
                                )
                            ),
                            to: .float16
                        )
                    default: inner
                    }
            }
            test.tensors.removeSubrange(9...)
            let result = PlanningResult(plan: try test.build(), diagnostics: [])
            text = Array(PlanJSON().print(result).utf8)
        }
        return text
    }

    @Test("are refused in words, or lead no later step astray", arguments: 0..<max(1, count / chunk))
    func survive(batch: Int) throws {
        let sound = try Self.sound()
        var random = Numbers(state: UInt64(batch) &* 0x9E37_79B9 &+ 1)
        for _ in 0..<Self.chunk {
            let text = Self.mutation(of: sound, &random)
            let plan: Plan
            do throws(Diagnostics) { plan = try PlanReader.read(text, called: "plan.json") } catch {
                #expect(!error.all.isEmpty && error.all.allSatisfy { !$0.message.isEmpty })
                continue
            }
            use(plan)
        }
    }

    /// What is done with a plan before a byte of a source is read.
    private func use(_ plan: Plan) {
        _ = PlanTable(plan).text
        _ = PlanGraph(plan).text
        _ = PlanJSON().print(PlanningResult(plan: plan, diagnostics: []))
        _ = PlanFingerprint(plan).description
        do throws(ExecutionError) {
            try PlanGuard.run(plan)
            let numbering = SourceNumbering(plan)
            for count in [1, 3] {
                let cut = try PartCut(plan, count: count)
                for part in Part.all(of: count) {
                    for stretch in cut.stretches(of: part, in: plan) {
                        let map = ShardMap(plan.shards[stretch.shard], of: plan, files: numbering)
                        _ = map.segments(in: stretch.range)
                    }
                    _ = try ComputedTensors(plan, cut.tensors[part.number - 1])
                }
            }
            for shard in plan.shards { _ = try shard.header(in: plan) }
        } catch { #expect(!error.diagnostics.isEmpty) }
    }

    private static let words = [
        "0", "-1", "1", "2", "9223372036854775807", "-9223372036854775808", "18446744073709551615",
        "4611686018427387904",
        "1e308", "0.5", "null", "true", "[]", "{}", "\"\"", "\"F32\"", "\"F4\"", "\"BOOL\"", "\"../x\"", "[0]",
        "[0, 0]",
        "[1, 9223372036854775807]", "NaN",
    ]

    private static func mutation(of sound: [UInt8], _ random: inout Numbers) -> [UInt8] {
        var text = sound
        for _ in 0...random.below(3) {
            let place = random.below(text.count)
            switch random.below(6) {
            case 0: text[place] = UInt8(random.below(256))
            case 1: text.remove(at: place)
            case 2: text.removeSubrange(place..<min(text.count, place + random.below(60)))
            case 3: text.insert(contentsOf: words[random.below(words.count)].utf8, at: place)
            default:
                // A value after a colon, or in a list, gives way to another.
                guard
                    let start = text[place...].firstIndex(where: { $0 == UInt8(ascii: ":") || $0 == UInt8(ascii: ",") })
                else { continue }
                let end = text[(start + 1)...].firstIndex { [10, 44, 93, 125].contains($0) && $0 != 10 } ?? text.count
                text.replaceSubrange(start + 1..<end, with: words[random.below(words.count)].utf8)
            }
        }
        return text
    }
}

/// Numbers that look random (SplitMix64).
private struct Numbers {
    var state: UInt64

    mutating func below(_ limit: Int) -> Int {
        state &+= 0x9E37_79B9_7F4A_7C15
        var word = (state ^ state >> 30) &* 0xBF58_476D_1CE4_E5B9
        word = (word ^ word >> 27) &* 0x94D0_49BB_1331_11EB
        return Int((word ^ word >> 31) % UInt64(max(1, limit)))
    }
}

import Glibc
package import SutureDiagnostics
package import SystemPackage

/// Inputs that are almost right: a good one with some bytes changed, cut out, doubled or taken from a word list.
///
/// `SUTURE_FUZZ=1000000 swift test --filter Fuzz` runs a million. What is tested is that a parser answers at all: a
/// trap or a hang ends the run.
package enum Fuzzing {
    /// Whether somebody asked for a number of inputs.
    private static let isAsked = getenv("SUTURE_FUZZ") != nil

    private static let count = getenv("SUTURE_FUZZ").flatMap { Int(String(cString: $0)) } ?? 20_000

    /// Runs a parser on mutations of seeds, and on mutations of those it accepts.
    ///
    /// - Returns: How many inputs were accepted and how many refused.
    package static func run(_ seeds: [String], seed: UInt64, share: Int = 1, _ parse: ([UInt8]) -> Bool) -> Outcome {
        run(bytes: seeds.map { Array($0.utf8) }, seed: seed, share: share, parse)
    }

    /// Runs a parser on mutations of seeds; of `share` inputs only one, for parsers that read files.
    ///
    /// - Returns: How many inputs were accepted and how many refused.
    package static func run(
        bytes seeds: [[UInt8]],
        seed: UInt64,
        share: Int = 1,
        _ parse: ([UInt8]) -> Bool
    ) -> Outcome {
        var mutator = Mutator(seed: seed)
        var pool = seeds
        var outcome = Outcome()
        for _ in 0..<(isAsked ? count : count / share) {
            let input = mutator.mutate(pool[mutator.next(pool.count)])
            guard parse(input) else {
                outcome.refused += 1
                continue
            }
            outcome.accepted += 1
            if input.count < 16_384 {
                if pool.count < 256 {
                    pool.append(input)
                } else {
                    pool[seeds.count + mutator.next(256 - seeds.count)] = input
                }
            }
        }
        return outcome
    }

    /// What became of the inputs.
    package struct Outcome {
        package var accepted = 0
        package var refused = 0
    }

    /// Writes a file over itself, without the care that a real one is written with.
    package static func overwrite(_ path: FilePath, with bytes: [UInt8]) {
        do {
            let file = try FileDescriptor.open(
                path,
                .writeOnly,
                options: [.create, .truncate],
                permissions: .ownerReadWrite
            )
            try file.closeAfter { _ = try file.writeAll(bytes) }
        } catch { fatalError("the test's own file cannot be written: \(error)") }
    }

    /// What a parser says.
    package static func attempt<Value>(_ body: () throws(Diagnostics) -> Value) -> Result<Value, Diagnostics> {
        do throws(Diagnostics) { return .success(try body()) } catch { return .failure(error) }
    }

    /// Makes inputs from others, the same ones from a seed every time.
    private struct Mutator {
        private var state: UInt64

        private static let words: [[UInt8]] = [
            "{", "}", "[", "]", "\"", ":", ",", "\\u", "\\", "null", "-", "0", "99999999999999999999", "1e999", "NaN",
            "\"__metadata__\"", "\"F32\"", "\"F4\"", "\"shape\"", "\"dtype\"", "\"data_offsets\"", "[0,0]",
            "9223372036854775807", "18446744073709551615", "4294967296", "../", "\"weight_map\"", "é", "\u{0}",
        ].map { Array($0.utf8) }

        init(seed: UInt64) { state = seed }

        mutating func next(_ limit: Int) -> Int {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Int((state >> 33) % UInt64(max(1, limit)))
        }

        mutating func mutate(_ input: [UInt8]) -> [UInt8] {
            var bytes = input
            for _ in 0...next(4) {
                let place = next(bytes.count + 1)
                let length = min(next(12), bytes.count - place)
                switch next(7) {
                case 0 where place < bytes.count: bytes[place] = UInt8(next(256))
                case 1 where place < bytes.count: bytes[place] ^= 1 << UInt8(next(8))
                case 2: bytes.removeSubrange(place..<place + length)
                case 3: bytes.insert(contentsOf: bytes[place..<place + length], at: place)
                case 4: bytes.replaceSubrange(place..<place + length, with: Self.words[next(Self.words.count)])
                case 5: bytes.insert(contentsOf: Self.words[next(Self.words.count)], at: place)
                default: bytes.removeLast(next(min(8, bytes.count + 1)))
                }
            }
            return bytes
        }
    }
}

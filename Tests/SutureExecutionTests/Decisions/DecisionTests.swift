import SutureCheckpoints
import SutureDiagnostics
import SutureKernels
import SutureKit
import SutureMergekit
import SutureMerging
import SuturePlanning
import SutureTensors
import SutureTestSupport
import SystemPackage
import Testing

/// Every decision of every method, from a mergekit file to the written numbers: the documented ones, what is said of
/// them, and mergekit's.
@Suite("Decisions")
struct DecisionTests {
    struct Decided: CustomTestStringConvertible {
        let method: String
        let decision: MergeDecision

        var testDescription: String { "\(method), \(decision.id)" }
    }

    static let mergekit = Mergekit()

    static let all = MergeRegistry.standard.methods.flatMap { method in
        mergekit.decisions(on: method).map { Decided(method: method.descriptor.name, decision: $0) }
    }

    @Test("give the documented numbers and say so, and mergekit's where those are asked for", arguments: all)
    func bothWays(_ decided: Decided) throws {
        let (method, decision) = (decided.method, decided.decision)
        let words = Self.mergekit.words(for: decision)
        let exhibit = try #require(DecisionExhibit.of(method, decision.id), "nothing shows this decision")
        try TemporaryDirectory.with { folder in
            try exhibit.write(into: folder)
            let bench = RecipeBench(folder: folder)

            let planned = try bench.planned(exhibit.recipe(of: method))
            let outcome = try bench.build(try #require(planned.plan, "\(planned.diagnostics.map(\.message))"))
            let documented = try numbers(of: exhibit, exhibit.dtype, in: bench)
            expect(documented, exhibit.documented)
            let notes = planned.diagnostics.first { $0.code == "computed-as-documented" }?.notes ?? []
            let isTold = decision.subject != .draws
            #expect(notes.contains { $0.message == "\(words); here: \(decision.documented)" } == isTold)
            let notice = outcome.notices.first { $0.code == decision.id }
            #expect((notice != nil) == (isTold && !exhibit.isKnownFromHeaders))
            if let notice {
                #expect(notice.message.contains(decision.documented) && notice.message.hasPrefix("in "))
                #expect(notice.notes.map(\.message) == [words])
                #expect((notice.fix == nil) == Self.mergekit.reproducing([decision]).isEmpty)
            }

            for version in Mergekit.releases {
                let compatible = try bench.planned(exhibit.recipe(of: method)) { $0.compatibility = version }
                let same = try bench.build(try #require(compatible.plan, "\(compatible.diagnostics.map(\.message))"))
                let mergekit = try numbers(of: exhibit, exhibit.mergekitDType ?? exhibit.dtype, in: bench)
                #expect(!compatible.diagnostics.contains { $0.code == "computed-as-documented" })

                // What cannot be had as a release has it is told even then.
                let isLacking = Self.mergekit.lacks(decision, in: version, exhibit.dtype)
                let warnings = compatible.diagnostics.filter { $0.code == "not-as-mergekit" }.flatMap(\.notes)
                #expect(warnings.contains { $0.message.hasSuffix("here: \(decision.documented)") } == isLacking)
                let isNoticed = same.notices.contains { $0.code == decision.id }
                #expect(isNoticed == (isLacking && !exhibit.isKnownFromHeaders))

                guard Self.mergekit.departure(from: decision, in: version)?.isReproducible ?? false else {
                    expect(mergekit, .values(documented))
                    continue
                }
                expect(mergekit, version == Mergekit.newest ? exhibit.newest ?? exhibit.mergekit : exhibit.mergekit)
                #expect(mergekit != documented || exhibit.mergekitDType != nil)
            }
        }
    }

    /// The tensor that was built, whose dtype must be as expected.
    private func numbers(of exhibit: DecisionExhibit, _ dtype: DType, in bench: RecipeBench) throws -> [Float] {
        let folder = bench.folder.appending("out").string
        let built = try Checkpoint.open(CheckpointReference(parsing: folder), environment: [:])
        let tensor = try #require(built.tensors.first { $0.spec.name == exhibit.tensor })
        #expect(tensor.spec.dtype == dtype)
        let bytes = try TensorReader(built).bytes(of: tensor)
        var numbers = [Float](repeating: 0, count: tensor.spec.elementCount)
        var span = numbers.mutableSpan
        widen(bytes.span.bytes, tensor.spec.dtype, into: &span)
        return numbers
    }

    private func expect(_ numbers: [Float], _ expectation: DecisionExhibit.Expectation) {
        switch expectation {
        case .values(let wanted):
            let largest = wanted.reduce(0) { max($0, abs($1)) }
            let isNear = zip(numbers, wanted).allSatisfy { abs($0 - $1) <= 2e-6 * largest }
            #expect(numbers.count == wanted.count && isNear, "\(numbers.prefix(8)) is not \(wanted.prefix(8))")
        case .notNumbers: #expect(numbers.contains { $0.isNaN }, "\(numbers.prefix(8))")
        case .that(let holds): #expect(holds(numbers), "\(numbers.prefix(8))")
        case .documented: break
        }
    }
}

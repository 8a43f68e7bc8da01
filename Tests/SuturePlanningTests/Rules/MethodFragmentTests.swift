import SutureDiagnostics
import SutureMerging
@testable import SuturePlanning
import SutureTestSupport
import Testing

/// The recipe fragments that `suture methods NAME` prints.
@Suite("Fragments of recipes")
struct MethodFragmentTests {
    @Test("plan as they stand, with the models that they name", arguments: MergeRegistry.known.names)
    func plans(method: String) throws {
        let fragment = try #require(MergeRegistry.known[named: method]).descriptor.fragment
        let words = fragment.split { !$0.isLetter }
        let inputs = ["base", "a", "b", "c", "merged"].filter { name in words.contains { $0 == name } }
        let planning = try planning(
            """
            slicegraph: 1
            inputs: {\(inputs.map { "\($0): @\($0)" }.joined(separator: ", "))}
            graph:
              out:
                \(fragment.split(separator: "\n").joined(separator: "\n    "))
            """
        )
        let plan = try #require(planning.plan, "\(planning.drawn)")
        #expect(planning.diagnostics.allSatisfy { $0.severity == .note }, "\(planning.drawn)")
        // Nothing of a fragment is idle: every tensor is computed, and by the method (a scale by itself).
        #expect(plan.tensors.allSatisfy { !$0.expression.isStored })
        #expect(method == "passthrough" || plan.mergeMethods == [method])
    }
}

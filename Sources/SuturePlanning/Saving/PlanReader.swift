import SutureCheckpoints
package import SutureDiagnostics
import SutureJSON
package import SutureMerging
import SutureTensors

/// Reads a plan from the JSON that ``PlanJSON`` prints, so that it can be run on another day and another machine.
///
/// What comes back is equal to what was printed. A text that somebody edited, or never was a plan, is refused with the
/// path to each fault. What the reader lets through can be shown and compared without harm; whether it can be run is
/// checked by whoever runs it.
public enum PlanReader {
    /// The version of the format, under the key `plan`.
    public static let version = 1

    /// Reads a text.
    ///
    /// - Parameters:
    ///   - text: The JSON, in UTF-8.
    ///   - name: The file's path, for messages.
    ///   - methods: What the names of its merge methods mean.
    /// - Returns: The plan.
    /// - Throws: `Diagnostics` with what is wrong with the text.
    package static func read(
        _ text: [UInt8],
        called name: String,
        methods: MergeRegistry = .documented
    ) throws(Diagnostics) -> Plan {
        var fields = PlanFields()
        do throws(JSONError) {
            // Every merge that is nested in another takes three levels.
            var reader = try JSONReader(text, depthLimit: 1024)
            var seen: Set<String> = []
            try reader.object { (reader, key, place) throws(JSONError) in
                guard seen.insert(key).inserted else { throw reader.error(.duplicateKey(key), at: place) }
                try fields.read(key, &reader)
            }
            try reader.end()
        } catch {
            throw Diagnostics([.planNotJSON(name, error)])
        }
        if let version = fields.version, version != Self.version {
            throw Diagnostics([.otherPlanVersion(name, version)])
        }
        guard fields.version != nil else { throw Diagnostics([.noPlan(name)]) }
        let read = fields.plan()
        guard var plan = read, fields.faults.isEmpty else { throw fields.faults.diagnostics(name) }
        plan.methods = methods
        return plan
    }
}

/// What is wrong with a text; a hostile one may have millions of faults, so the first are kept and the rest counted.
struct PlanFaults {
    private var kept: [PlanFault] = []
    private var count = 0

    var isEmpty: Bool { count == 0 }

    mutating func append(_ fault: PlanFault) {
        if count < 20 { kept.append(fault) }
        count += 1
    }

    func diagnostics(_ name: String) -> Diagnostics {
        var all = Diagnostics(kept.map { .planFault(name, $0.description) })
        if count > kept.count { all.append(.planFault(name, "and \(count - kept.count) more faults of these kinds")) }
        return all
    }
}

extension Diagnostic {
    fileprivate static func planNotJSON(_ name: String, _ error: JSONError) -> Diagnostic {
        Diagnostic(
            code: "plan-not-json",
            "the plan is not JSON: \(error.message) (line \(error.line), column \(error.column))",
            at: .file(name, tensor: nil),
            fix: FixIt("make it anew: suture plan RECIPE -o plan.json")
        )
    }

    fileprivate static func noPlan(_ name: String) -> Diagnostic {
        Diagnostic(
            code: "no-plan",
            "there is no plan in this file: the key 'plan' with the format's version is missing",
            at: .file(name, tensor: nil),
            fix: FixIt("make one: suture plan RECIPE -o plan.json")
        )
    }

    fileprivate static func otherPlanVersion(_ name: String, _ version: Int) -> Diagnostic {
        Diagnostic(
            code: "other-plan-version",
            "the plan is of version \(version) of the format, and \(ToolVersion.text) reads \(PlanReader.version)",
            at: .file(name, tensor: nil),
            fix: FixIt("plan with the version of suture that runs it")
        )
    }

    fileprivate static func planFault(_ name: String, _ fault: String) -> Diagnostic {
        brokenPlan(
            fault,
            at: .file(name, tensor: nil),
            fix: FixIt("make the plan anew: suture plan RECIPE -o plan.json")
        )
    }
}

package import SutureExecution

/// A variable in which a scheduler tells each job of an array which one it is.
package struct PartVariable: Hashable, Sendable {
    /// Its name.
    package let name: String

    /// From where it counts.
    private let first: First

    /// The variable that says by how much it counts on; by 1 where there is none.
    private let step: String?

    /// The variable that says how many jobs there are, where the scheduler tells.
    private let count: String?

    private enum First: Hashable {
        case number(Int)
        case variable(String)
    }

    /// Those that are known.
    package static let known = [
        PartVariable(
            "SLURM_ARRAY_TASK_ID",
            from: .variable("SLURM_ARRAY_TASK_MIN"),
            count: "SLURM_ARRAY_TASK_COUNT",
            step: "SLURM_ARRAY_TASK_STEP"
        ),
        PartVariable("JOB_COMPLETION_INDEX", from: .number(0)),
        PartVariable("SGE_TASK_ID", from: .variable("SGE_TASK_FIRST"), step: "SGE_TASK_STEPSIZE"),
        PartVariable("PBS_ARRAY_INDEX", from: .number(1)),
        PartVariable("LSB_JOBINDEX", from: .number(1)),
        PartVariable("AWS_BATCH_JOB_ARRAY_INDEX", from: .number(0)),
        PartVariable("CLOUD_RUN_TASK_INDEX", from: .number(0), count: "CLOUD_RUN_TASK_COUNT"),
        PartVariable("BATCH_TASK_INDEX", from: .number(0), count: "BATCH_TASK_COUNT"),
    ]

    private init(_ name: String, from first: First, count: String? = nil, step: String? = nil) {
        self.name = name
        self.first = first
        self.count = count
        self.step = step
    }

    /// The part that a job is to run.
    ///
    /// - Parameters:
    ///   - name: The variable.
    ///   - environment: The environment.
    ///   - parts: How many parts there are, where the caller says it: part of an array that is submitted once more has
    ///     a count of its own.
    ///   - base: From where the variable counts, 0 or 1, where the caller says it.
    /// - Returns: The part.
    /// - Throws: ``PartVariableError``.
    package static func part(
        _ name: String,
        in environment: [String: String],
        parts: Int?,
        base: Int?
    ) throws(PartVariableError) -> Part {
        guard let text = environment[name] else { throw .notSet(name) }
        guard let value = Int(text) else { throw .notANumber(name, text) }
        let variable = known.first { $0.name == name }
        func number(_ name: String?) -> Int? { name.flatMap { environment[$0] }.flatMap { Int($0) } }
        let told = number(variable?.count)
        guard let count = parts ?? told else { throw .countUnknown(name) }
        var first = base ?? 1
        var step = 1
        if let variable, base == nil {
            switch variable.first {
            case .number(let number): first = number
            case .variable(let name):
                // Only of the whole array it is known where it begins.
                if parts == nil || told == nil || told == count { first = number(name) ?? 1 }
            }
            step = max(1, number(variable.step) ?? 1)
        } else if variable == nil, base == nil {
            throw .baseUnknown(name)
        }
        let (distance, overflow) = value.subtractingReportingOverflow(first)
        guard !overflow, distance >= 0, distance % step == 0, distance < Int.max,
            let part = Part(distance / step + 1, of: count)
        else { throw .outside(name, value, first: first, count: count) }
        return part
    }
}

/// Why a variable names no part.
package enum PartVariableError: Error, Hashable, Sendable, CustomStringConvertible {
    /// It is not set.
    case notSet(String)
    /// It is no number.
    case notANumber(String, String)
    /// Nobody says how many parts there are.
    case countUnknown(String)
    /// Nobody says whether it counts from 0 or from 1.
    case baseUnknown(String)
    /// It is none of the numbers that it may be.
    case outside(String, Int, first: Int, count: Int)

    /// The error in words.
    package var description: String {
        switch self {
        case .notSet(let name): "the environment has no \(name); is this run by the scheduler?"
        case .notANumber(let name, let text): "\(name) is '\(text)' and should be a number"
        case .countUnknown(let name): "\(name) does not say how many parts there are: add --parts N"
        case .baseUnknown(let name): "\(name) may count from 0 or from 1: add --part-base 0 or --part-base 1"
        case .outside(let name, let value, let first, let count):
            "\(name) is \(value), and \(count) part\(count == 1 ? "" : "s") counted from \(first) end at \(first + count - 1)"
        }
    }
}

import SutureKit
import Testing

@Suite("The variable that says which part this is")
struct PartVariableTests {
    /// An environment, what is asked of it, and the part that it says.
    struct Case: CustomTestStringConvertible, Sendable {
        let environment: [String: String]
        var name: String
        var parts: Int?
        var base: Int?
        let says: String

        init(_ environment: [String: String], _ name: String, parts: Int? = nil, base: Int? = nil, says: String) {
            self.environment = environment
            self.name = name
            self.parts = parts
            self.base = base
            self.says = says
        }

        var testDescription: String { "\(environment) -> \(says)" }
    }

    private static func slurm(_ id: String, min: Int, count: Int, step: Int = 1) -> [String: String] {
        [
            "SLURM_ARRAY_TASK_ID": id, "SLURM_ARRAY_TASK_MIN": "\(min)", "SLURM_ARRAY_TASK_COUNT": "\(count)",
            "SLURM_ARRAY_TASK_STEP": "\(step)",
        ]
    }

    @Test(
        arguments: [
            Case(slurm("1", min: 1, count: 4), "SLURM_ARRAY_TASK_ID", says: "1/4"),
            Case(slurm("4", min: 1, count: 4), "SLURM_ARRAY_TASK_ID", says: "4/4"),
            Case(slurm("0", min: 0, count: 4), "SLURM_ARRAY_TASK_ID", says: "1/4"),
            Case(slurm("3", min: 0, count: 4), "SLURM_ARRAY_TASK_ID", parts: 4, says: "4/4"),
            Case(slurm("7", min: 1, count: 4, step: 2), "SLURM_ARRAY_TASK_ID", says: "4/4"),
            // One task of an array of 4 that is submitted once more.
            Case(slurm("3", min: 3, count: 1), "SLURM_ARRAY_TASK_ID", parts: 4, says: "3/4"),
            Case(slurm("2", min: 2, count: 1), "SLURM_ARRAY_TASK_ID", parts: 4, base: 0, says: "3/4"),
            Case(slurm("5", min: 1, count: 4), "SLURM_ARRAY_TASK_ID", says: "SLURM_ARRAY_TASK_ID is 5"),
            Case(slurm("x", min: 1, count: 4), "SLURM_ARRAY_TASK_ID", says: "is 'x' and should be a number"),
            Case(["JOB_COMPLETION_INDEX": "0"], "JOB_COMPLETION_INDEX", parts: 3, says: "1/3"),
            Case(["JOB_COMPLETION_INDEX": "2"], "JOB_COMPLETION_INDEX", parts: 3, says: "3/3"),
            Case(
                ["JOB_COMPLETION_INDEX": "3"],
                "JOB_COMPLETION_INDEX",
                parts: 3,
                says: "3 parts counted from 0 end at 2"
            ),
            Case(["JOB_COMPLETION_INDEX": "0"], "JOB_COMPLETION_INDEX", says: "add --parts N"),
            Case(["CLOUD_RUN_TASK_INDEX": "1", "CLOUD_RUN_TASK_COUNT": "2"], "CLOUD_RUN_TASK_INDEX", says: "2/2"),
            Case(["MINE": "1"], "MINE", parts: 2, says: "add --part-base 0 or --part-base 1"),
            Case(["MINE": "1"], "MINE", parts: 2, base: 1, says: "1/2"),
            Case(["MINE": "1"], "MINE", parts: 2, base: 0, says: "2/2"),
            Case(["MINE": "\(Int.min)"], "MINE", parts: 2, base: 1, says: "2 parts counted from 1 end at 2"),
            Case([:], "SLURM_ARRAY_TASK_ID", says: "the environment has no SLURM_ARRAY_TASK_ID"),
        ]
    )
    func part(of one: Case) {
        let said: String
        do throws(PartVariableError) {
            said = "\(try PartVariable.part(one.name, in: one.environment, parts: one.parts, base: one.base))"
        } catch { said = error.description }
        #expect(said == one.says || (said.count > 8 && said.contains(one.says)), "\(said)")
    }
}

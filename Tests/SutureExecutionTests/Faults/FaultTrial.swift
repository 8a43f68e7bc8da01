import SutureCheckpoints
import SystemPackage
import Testing

/// A job that went well once, and is now done again and again while something goes wrong.
struct FaultTrial {
    /// The file calls of the run that went well.
    let calls: [DiskCall]

    /// The job.
    let job: FaultJob

    private let bench: FaultBench
    private let start: [String: [UInt8]]
    private let calm: [String: [UInt8]]

    /// Does a job once and gives it to `body` to do it again.
    static func with(_ job: FaultJob, _ body: (FaultTrial) throws -> Void) throws {
        try FaultBench.with { bench in
            try bench.clear(leaving: job.before)
            for command in job.preparations(bench) {
                let run = try bench.run(command)
                try #require(run.code == 0, "\(run.words)")
            }
            let start = try Workbench.contents(of: bench.place)
            let run = try bench.run(job.command(bench), isTraced: true)
            try #require(run.code == 0, "\(run.words)")
            for command in job.conclusions(bench) { #expect(try bench.run(command).code == 0) }
            let calm = try #require(try bench.contents())
            #expect(try FileSystem.list(bench.place) == ["out"])
            try body(FaultTrial(calls: run.calls, job: job, bench: bench, start: start, calm: calm))
        }
    }

    /// What bears the output's name before.
    private var old: [String: [UInt8]]? {
        let inside = start.filter { $0.key.hasPrefix("out/") }.map { (String($0.key.dropFirst(4)), $0.value) }
        return inside.isEmpty ? nil : Dictionary(uniqueKeysWithValues: inside)
    }

    /// Lets something go wrong, looks at what it left, goes on without fault and looks again.
    func survive(_ fault: DiskFault) throws {
        try bench.clear(leaving: start)
        let run = try bench.run(job.command(bench), fault)
        let context = context(fault, run)
        try checkEnd(of: run, fault, context)
        let left = try output()
        #expect(left == nil || left == calm || left == old, context)
        if left == calm { return }

        for command in [job.command(bench)] + job.conclusions(bench) {
            let again = try bench.run(command)
            #expect(again.code == 0, "\(context)\n\(command[0]) after it: \(again.words)")
        }
        #expect(try bench.contents() == calm, context)
        #expect(try FileSystem.list(bench.place) == ["out"], context)
    }

    /// Lets something go wrong with a run that is not to be resumed, and looks for what it left.
    func clearUp(after fault: DiskFault) throws {
        try bench.clear(leaving: start)
        let run = try bench.run(job.command(bench, resumes: false), fault)
        let context = context(fault, run)
        try checkEnd(of: run, fault, context)
        let left = try output()
        #expect(left == calm || left == old, context)
        // What cannot be removed stays; a lock that nobody holds hinders nobody.
        guard self.call(fault)?.name != "remove" else { return }
        let names = try FileSystem.list(bench.place).filter { !$0.hasSuffix(".lock") }
        #expect(names == (left == nil ? [] : ["out"]), context)
    }

    /// What is in the output, but for what whoever dies as soon as it is there has not cleared up yet.
    private func output() throws -> [String: [UInt8]]? {
        try bench.contents()?.filter { !$0.key.hasPrefix(".suture/") }
    }

    private func context(_ fault: DiskFault, _ run: FaultBench.Outcome) -> Comment {
        let end = run.code.map { "exit \($0)" } ?? "a signal"
        return "\(job), \(fault), which is \(call(fault)?.name ?? "after the last"): \(end)\n\(run.words)"
    }

    private func checkEnd(of run: FaultBench.Outcome, _ fault: DiskFault, _ context: Comment) throws {
        if fault.isDeadly {
            #expect(run.code == nil || fault.call > calls.count, context)
        } else if fault.isHarmless {
            #expect(run.code == 0, context)
        } else {
            #expect([0, 1, 2, 3].contains(run.code), context)
            #expect(run.code == 0 || run.words.contains("error"), context)
            let made = try output()
            #expect(run.code != 0 || made == calm || !job.makesOutput, context)
        }
    }

    private func call(_ fault: DiskFault) -> DiskCall? { calls.first { $0.number == fault.call } }
}

extension DiskFault {
    /// Whether a program should not even notice.
    fileprivate var isHarmless: Bool {
        switch kind {
        case .short, .failure(.interrupted), .failure(.notSupported), .failure(.invalidArgument): true
        default: false
        }
    }
}

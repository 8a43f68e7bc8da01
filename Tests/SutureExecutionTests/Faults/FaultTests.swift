import Glibc
import SutureCheckpoints
import SutureTestSupport
import SystemPackage
import Testing

/// `SUTURE_FAULTS=all` makes every call fail in every way, which takes some thousands of runs; otherwise some do.
private let isThorough = getenv("SUTURE_FAULTS").map { String(cString: $0) } == "all"

@Suite(
    "Whatever happens to a build, at whichever of its file calls",
    .tags(.slow),
    .unlessQuick,
    .enabled(if: FailingDisk.isBuilt, "the program or the failing disk was not built")
)
struct FaultTests {
    @Test("it dies and is resumed to the same bytes", arguments: FaultJob.allCases)
    func kill(job: FaultJob) throws {
        try FaultTrial.with(job) { trial in
            for call in turningPoints(of: trial) { try trial.survive(DiskFault(kind: .kill, call: call)) }
        }
    }

    @Test("it loses its power and what was not synced, and is resumed to the same bytes", arguments: FaultJob.allCases)
    func cut(job: FaultJob) throws {
        try FaultTrial.with(job) { trial in
            for call in turningPoints(of: trial) {
                for seed in 0...(isThorough ? 4 : 0) {
                    try trial.survive(DiskFault(kind: .cut(seed: seed), call: call))
                }
            }
        }
    }

    @Test("it fails with a word, or goes on where nothing is lost", arguments: FaultJob.allCases)
    func fail(job: FaultJob) throws {
        try FaultTrial.with(job) { trial in
            for (place, call) in spread(trial.calls, over: 8).enumerated() {
                let kinds = DiskFault.Kind.kinds(of: call)
                for kind in isThorough ? kinds : [kinds[place % kinds.count]] {
                    try trial.survive(DiskFault(kind: kind, call: call.number))
                }
            }
        }
    }

    @Test("it leaves nothing where it is not to be resumed", arguments: FaultJob.allCases.filter { !$0.alwaysResumes })
    func leaveNothing(job: FaultJob) throws {
        try FaultTrial.with(job) { trial in
            for call in spread(trial.calls, over: 6) {
                try trial.clearUp(after: DiskFault(kind: .failure(.ioError), call: call.number))
            }
        }
    }

    /// The numbers of the calls before which the journal or the output is in another state than after them.
    private func turningPoints(of trial: FaultTrial) -> [Int] {
        let changes = trial.calls.filter(\.changes)
        if isThorough { return changes.map(\.number) + [(trial.calls.last?.number ?? 0) + 1] }
        let turns = changes.filter { ["rename", "rename-new", "exchange", "remove"].contains($0.name) }.map(\.number)
        return trial.job == .build ? turns : spread(turns, over: 5)
    }

    /// Some of many, from the first to the last.
    private func spread<Element>(_ all: [Element], over count: Int) -> [Element] {
        guard !isThorough, all.count > count else { return all }
        return (0..<count).map { all[$0 * (all.count - 1) / (count - 1)] }
    }
}

extension DiskFault.Kind {
    /// What can go wrong with a call.
    fileprivate static func kinds(of call: DiskCall) -> [DiskFault.Kind] {
        let errnos: [Errno] =
            switch (call.name, call.detail) {
            case ("open", "read"): [.ioError, .interrupted, .tooManyOpenFiles, .permissionDenied]
            case ("open", _), ("mkdir", _): [.noSpace, .readOnlyFileSystem, .interrupted, .diskQuotaExceeded, .ioError]
            case ("read", _): [.ioError, .interrupted]
            case ("write", _): [.noSpace, .ioError, .interrupted, .diskQuotaExceeded, .readOnlyFileSystem]
            case ("allocate", _): [.noSpace, .notSupported, .interrupted, .diskQuotaExceeded, .ioError]
            case ("sync", _), ("writeback", _): [.noSpace, .ioError, .interrupted, .diskQuotaExceeded]
            case ("rename", _): [.ioError, .noSpace, .readOnlyFileSystem]
            // Not every file system knows these two, and a plain one serves.
            case ("rename-new", _), ("exchange", _): [.invalidArgument, .ioError, .noSpace, .readOnlyFileSystem]
            default: [.ioError, .readOnlyFileSystem, .permissionDenied]
            }
        var kinds = errnos.map { DiskFault.Kind.failure($0) }
        switch call.name {
        case "read": kinds += [.short, .lastingFailure(.ioError)]
        case "write": kinds += [.short, .lastingFailure(.noSpace), .lastingFailure(.readOnlyFileSystem)]
        case "sync", "writeback": kinds += [.rot, .lastingFailure(.readOnlyFileSystem)]
        default: kinds.append(.lastingFailure(.readOnlyFileSystem))
        }
        return kinds
    }
}

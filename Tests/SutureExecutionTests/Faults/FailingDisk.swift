import Glibc
import SutureCheckpoints
import SutureTestSupport
import SystemPackage

/// The library that stands before a program's file calls and makes them fail, `Fixtures/faults`.
enum FailingDisk {
    /// The built library, or `nil` where there is no compiler for C.
    static let library: FilePath? = {
        guard let own = try? FileSystem.resolve("/proc/self/exe") else { return nil }
        let library = own.removingLastComponent().appending("failing-disk.so")
        let unfinished = own.removingLastComponent().appending("failing-disk.\(FileSystem.uniqueSuffix()).so")
        let command = "exec clang -O1 -shared -fPIC -o '\(unfinished)' '\(Fixture.path("faults"))'/*.c -ldl -lpthread"
        let path = getenv("PATH").map { String(cString: $0) } ?? "/usr/bin:/bin"
        guard let shell = try? SpawnedProgram("/bin/sh", ["-c", command], environment: ["PATH": path]),
            shell.wait() == 0, (try? FileSystem.rename(unfinished, to: library)) != nil
        else { return nil }
        return library
    }()

    /// Whether there is a program to disturb and something to disturb it with.
    static var isBuilt: Bool { SpawnedProgram.suture != nil && library != nil }
}

/// What goes wrong, and at which of a program's file calls.
struct DiskFault: Hashable, Sendable, CustomStringConvertible {
    /// What goes wrong.
    enum Kind: Hashable, Sendable {
        /// The process is killed.
        case kill
        /// The power goes: what was not synced is lost, all of it or (with a seed) some.
        case cut(seed: Int)
        /// The process stops until it is told to go on.
        case stop
        /// Fewer bytes are moved than were asked for.
        case short
        /// Write-back fails and takes the bytes along.
        case rot
        /// The call fails.
        case failure(Errno)
        /// The call and all after it fail.
        case lastingFailure(Errno)
    }

    /// What goes wrong.
    let kind: Kind

    /// The number of the call, from 1.
    let call: Int

    /// Whether the process does not live on.
    var isDeadly: Bool {
        switch kind {
        case .kill, .cut: true
        default: false
        }
    }

    /// How the library is told.
    var environment: [String: String] {
        let (name, seed, lasts) =
            switch kind {
            case .kill: ("kill", 0, false)
            case .cut(let seed): ("cut", seed, false)
            case .stop: ("stop", 0, false)
            case .short: ("short", 0, false)
            case .rot: ("rot", 0, false)
            case .failure(let errno): ("\(errno.rawValue)", 0, false)
            case .lastingFailure(let errno): ("\(errno.rawValue)", 0, true)
            }
        return [
            "FAULT_AT": "\(call)", "FAULT_KIND": name, "FAULT_SEED": "\(seed)", "FAULT_LASTS": lasts ? "1" : "0",
        ]
    }

    var description: String { "\(kind) at call \(call)" }
}

/// A file call of a program, as the library wrote it down.
struct DiskCall: Hashable, Sendable {
    /// Its number, from 1.
    let number: Int

    /// What it does: `open`, `write`, `sync`, `rename` and so on.
    let name: String

    /// Whether it went well.
    let succeeded: Bool

    /// The file or folder, under its old name where it is renamed.
    let path: FilePath

    /// The new name, the bytes `offset+count`, or how a file is opened.
    let detail: String

    /// Reads what the library wrote.
    static func list(_ trace: FilePath) throws -> [DiskCall] {
        String(decoding: try FileSystem.read(trace), as: UTF8.self).split(separator: "\n").compactMap { line in
            let cells = line.split(separator: "\t", omittingEmptySubsequences: false).map(String.init)
            guard cells.count == 5, let number = Int(cells[0]), let result = Int(cells[2]) else { return nil }
            let path = FilePath(cells[3])
            return DiskCall(number: number, name: cells[1], succeeded: result >= 0, path: path, detail: cells[4])
        }
    }

    /// Whether it changes anything: a process that dies before a call that does not dies as one that has made it.
    var changes: Bool { name != "read" && name != "lock" && !(name == "open" && detail == "read") }
}

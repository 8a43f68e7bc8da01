import Glibc
import SutureCheckpoints
import SystemPackage

/// A program that runs beside the test.
struct SpawnedProgram {
    private let process: pid_t

    /// The path of a program that was built together with the tests, if it was.
    static func built(_ name: String) -> String? {
        guard let own = try? FileSystem.resolve("/proc/self/exe") else { return nil }
        let path = own.removingLastComponent().appending(name)
        return FileSystem.exists(path) ? path.string : nil
    }

    /// Starts a program; what it prints is lost.
    init(_ program: String, _ arguments: [String], environment: [String: String]) throws {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        for descriptor in [STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO] {
            posix_spawn_file_actions_addopen(&actions, descriptor, "/dev/null", O_RDWR, 0)
        }
        var words = ([program] + arguments).map { strdup($0) } + [nil]
        var variables = environment.map { strdup("\($0)=\($1)") } + [nil]
        defer { for word in words + variables { free(word) } }
        var process = pid_t()
        let code = posix_spawn(&process, program, &actions, nil, &words, &variables)
        guard code == 0 else { throw Errno(rawValue: code) }
        self.process = process
    }

    /// Kills it as a power cut would: it gets no chance to clear up.
    func kill() {
        _ = Glibc.kill(process, SIGKILL)
    }

    /// Waits for its end and returns its exit code, or `nil` where it was killed.
    func wait() -> Int32? {
        var status: Int32 = 0
        while waitpid(process, &status, 0) < 0, errno == EINTR {}
        return status & 0x7F == 0 ? status >> 8 & 0xFF : nil
    }
}

extension FileSystem {
    /// Whether something is there.
    fileprivate static func exists(_ path: FilePath) -> Bool { (try? kind(of: path)) != FileSystem.Kind?.none }
}

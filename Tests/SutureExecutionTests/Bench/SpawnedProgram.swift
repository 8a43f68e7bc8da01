import Glibc
import SutureCheckpoints
import SystemPackage

/// A program that runs beside the test.
struct SpawnedProgram {
    /// Its number.
    let process: pid_t

    /// The path of `suture`: the one that `SUTURE` names, or the one that was built together with the tests.
    static let suture: String? =
        getenv("SUTURE").flatMap { try? FileSystem.resolve(FilePath(platformString: $0)).string } ?? built("suture")

    /// The path of a program that was built together with the tests, if it was.
    private static func built(_ name: String) -> String? {
        guard let own = try? FileSystem.resolve("/proc/self/exe") else { return nil }
        let path = own.removingLastComponent().appending(name)
        return FileSystem.exists(path) ? path.string : nil
    }

    /// Starts a program.
    ///
    /// - Parameters:
    ///   - program: Its path.
    ///   - arguments: Its arguments.
    ///   - environment: All of its environment.
    ///   - words: The file that takes what it says on stderr; all else that it prints is lost.
    /// - Throws: The system's refusal.
    init(_ program: String, _ arguments: [String], environment: [String: String], words: FilePath? = nil) throws {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        for descriptor in [STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO] {
            posix_spawn_file_actions_addopen(&actions, descriptor, "/dev/null", O_RDWR, 0)
        }
        if let words {
            let flags = O_WRONLY | O_CREAT | O_TRUNC
            posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, words.string, flags, 0o644)
        }
        var line = ([program] + arguments).map { strdup($0) } + [nil]
        var variables = environment.map { strdup("\($0)=\($1)") } + [nil]
        defer { for word in line + variables { free(word) } }
        var process = pid_t()
        let code = posix_spawn(&process, program, &actions, nil, &line, &variables)
        guard code == 0 else { throw Errno(rawValue: code) }
        self.process = process
    }

    /// Kills it as a power cut would: it gets no chance to clear up.
    func kill() {
        _ = Glibc.kill(process, SIGKILL)
    }

    /// Waits until it has stopped, and tells whether it has; it may end before.
    func waitUntilStopped() -> Bool {
        var status: Int32 = 0
        while waitpid(process, &status, WUNTRACED) < 0, errno == EINTR {}
        return status & 0xFF == 0x7F
    }

    /// Lets it go on after it has stopped.
    func goOn() {
        _ = Glibc.kill(process, SIGCONT)
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

import Glibc
import SutureCheckpoints
import SystemPackage

/// A program that runs to its end while we wait.
enum ChildProcess {
    /// What a program did.
    struct Outcome {
        let succeeded: Bool
        let seconds: Double
        let output: String
    }

    /// The path of this very program.
    static var own: String { (try? FileSystem.resolve("/proc/self/exe").string) ?? CommandLine.arguments[0] }

    /// Runs a program and collects what it prints.
    static func run(_ program: String, _ arguments: [String], environment: [String: String] = [:]) -> Outcome {
        for (name, value) in environment { setenv(name, value, 1) }
        var pipes: [Int32] = [0, 0]
        guard pipe(&pipes) == 0 else { return Outcome(succeeded: false, seconds: 0, output: "no pipe") }
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        posix_spawn_file_actions_adddup2(&actions, pipes[1], STDOUT_FILENO)
        posix_spawn_file_actions_addclose(&actions, pipes[0])
        defer { posix_spawn_file_actions_destroy(&actions) }
        var words = ([program] + arguments).map { strdup($0) } + [nil]
        defer { for word in words { free(word) } }
        var process = pid_t()
        let start = ContinuousClock.now
        let code = posix_spawnp(&process, program, &actions, nil, &words, environ)
        close(pipes[1])
        guard code == 0 else {
            close(pipes[0])
            return Outcome(succeeded: false, seconds: 0, output: "cannot run \(program): \(Errno(rawValue: code))")
        }
        let output = text(from: pipes[0])
        close(pipes[0])
        var status: Int32 = 0
        while waitpid(process, &status, 0) < 0, errno == EINTR {}
        return Outcome(succeeded: status == 0, seconds: seconds(since: start), output: output)
    }

    /// The seconds that have passed.
    static func seconds(since start: ContinuousClock.Instant) -> Double { (.now - start) / .seconds(1) }

    private static func text(from descriptor: Int32) -> String {
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 4096)
        while true {
            let count = Glibc.read(descriptor, &buffer, buffer.count)
            guard count > 0 else { return String(decoding: bytes, as: UTF8.self) }
            bytes += buffer[..<count]
        }
    }
}

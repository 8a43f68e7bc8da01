import Glibc
import SutureKit

/// Where answers and messages go: answers to standard output, everything else to standard error.
enum Terminal {
    /// Who hears what is written in place of the two streams, each text with its descriptor: a test.
    @TaskLocal static var listener: (@Sendable (String, Int32) -> Void)?

    /// Whether standard error is a terminal that wants colours.
    static var usesColor: Bool { listener == nil && wantsColor }

    private static let wantsColor: Bool = {
        guard isatty(STDERR_FILENO) == 1, environment["NO_COLOR"].map(\.isEmpty) ?? true else { return false }
        return environment["TERM"] != "dumb"
    }()

    /// Whether a line that rewrites itself can be shown.
    static var showsProgress: Bool { listener == nil && rewrites }

    private static let rewrites = isatty(STDERR_FILENO) == 1 && environment["TERM"] != "dumb"

    /// The process' environment.
    static let environment: [String: String] = {
        var variables: [String: String] = [:]
        var entry = unsafe environ
        while let text = unsafe entry.pointee {
            let line = unsafe String(cString: text)
            if let equals = line.firstIndex(of: "=") {
                variables[String(line[..<equals])] = String(line[line.index(after: equals)...])
            }
            unsafe entry += 1
        }
        return variables
    }()

    /// A path from the root on, for programs that run in other folders.
    static func absolute(_ path: String) -> String {
        guard !path.hasPrefix("/"), let folder = unsafe getcwd(nil, 0) else { return path }
        defer { unsafe free(folder) }
        let start = unsafe String(cString: folder)
        return start == "/" ? "/" + path : start + "/" + path
    }

    /// Writes an answer.
    static func answer(_ text: String) { write(text, to: STDOUT_FILENO) }

    /// Writes a message, with a line break.
    static func say(_ text: String) { write(text + "\n", to: STDERR_FILENO) }

    /// Draws diagnostics.
    static func show(_ diagnostics: [Diagnostic]) {
        guard !diagnostics.isEmpty else { return }
        say(DiagnosticRenderer(usesColor: usesColor).render(diagnostics))
    }

    /// Writes without a buffer in between, so that messages and answers keep their order.
    static func write(_ text: String, to descriptor: Int32) {
        if let listener { return listener(text, descriptor) }
        var bytes = Array(text.utf8)[...]
        while !bytes.isEmpty {
            let count = unsafe bytes.withUnsafeBytes { unsafe Glibc.write(descriptor, $0.baseAddress, $0.count) }
            if count < 0 {
                guard errno == EINTR else { return }
                continue
            }
            bytes = bytes.dropFirst(count)
        }
    }
}

package import SutureDiagnostics
package import SystemPackage

/// A step on a file or folder that the system refused.
package struct FileError: Error, Hashable, Sendable, CustomStringConvertible {
    /// What was being done.
    package enum Step: String, CaseIterable, Hashable, Sendable {
        case open, read, inspect, list, create, resize, write, sync, close, rename, remove, lock, copy
    }

    /// Why it was refused.
    package enum Cause: Hashable, Sendable {
        /// The system said so.
        case errno(Errno)

        /// The file has fewer bytes than were asked for.
        case endsEarly(byteCount: Int)

        /// The file has more bytes than it may have.
        case tooLarge(limit: Int)

        /// The file is not what it was when it was first opened.
        case changed

        /// What is stored in it cannot be restored.
        case corrupt(String)

        /// What lies elsewhere could not be fetched, for a reason that has words of its own.
        case unfetched(Diagnostic, helps: Help)
    }

    /// What a caller can do about bytes that could not be fetched.
    package enum Help: Hashable, Sendable {
        /// Other words: what was asked for is wrong.
        case model

        /// Another setting of this machine.
        case system

        /// Trying again.
        case retry
    }

    /// What was being done.
    package let step: Step

    /// The file or folder.
    package let path: FilePath

    /// Why it was refused.
    package let cause: Cause

    /// Creates an error from what the system said.
    package init(_ step: Step, _ path: FilePath, _ errno: Errno) {
        self.init(step, path, .errno(errno))
    }

    /// Creates an error.
    package init(_ step: Step, _ path: FilePath, _ cause: Cause) {
        self.step = step
        self.path = path
        self.cause = cause
    }

    /// What the system said, where it is the system that refused.
    package var errno: Errno? {
        guard case .errno(let errno) = cause else { return nil }
        return errno
    }

    /// Whether the file system has no such call.
    package var isUnsupported: Bool {
        switch errno {
        case .invalidArgument, .notSupported, .noFunction: true
        default: false
        }
    }

    /// The error in words, with the path.
    package var description: String { "\(path): \(message)" }

    /// The error in words, without the path.
    package var message: String {
        switch cause {
        case .errno(let errno): "cannot \(step.rawValue): \(lowerCased(errno.description))"
        case .endsEarly(let count): "cannot \(step.rawValue): the file ends after \(count) bytes"
        case .changed: "the file is not what it was when it was first opened"
        case .corrupt(let fault): "the packed file cannot be read: \(fault)"
        case .tooLarge(let limit): "cannot \(step.rawValue): the file is larger than the \(limit) bytes it may have"
        case .unfetched(let reason, _): reason.message
        }
    }

    private func lowerCased(_ text: String) -> String {
        let second = text.dropFirst().first
        guard second?.isUppercase != true else { return text }
        return text.prefix(1).lowercased() + text.dropFirst()
    }
}

extension FileError {
    /// The error as a message; its code is `file-` and the step.
    package var diagnostic: Diagnostic {
        if case .unfetched(let reason, _) = cause { return reason }
        return Diagnostic(
            code: isCorrupt ? "packed-file-corrupt" : "file-\(step.rawValue)",
            message,
            at: .file(path.string, tensor: nil),
            fix: fix
        )
    }

    private var isCorrupt: Bool {
        if case .corrupt = cause { true } else { false }
    }

    private var fix: Diagnostic.FixIt? {
        if isCorrupt { return Diagnostic.FixIt("fetch the file again; 'zstd -t' tells whether it is whole") }
        return switch errno {
        case .noSpace: Diagnostic.FixIt("free some space, or write to another disk")
        case .permissionDenied: Diagnostic.FixIt("check who may \(step == .read ? "open" : step.rawValue) it")
        case .readOnlyFileSystem: Diagnostic.FixIt("choose a folder on a disk that can be written to")
        case .tooManyOpenFiles: Diagnostic.FixIt("raise the limit of open files (ulimit -n)")
        default: nil
        }
    }
}

package import SutureDiagnostics
package import SutureCheckpoints

/// Why a plan was not run to its end; nothing stands under the output's name then.
package struct ExecutionError: Error, Hashable, Sendable {
    /// What a caller can do about it.
    package enum Kind: Hashable, Sendable {
        /// The plan or a source is wrong; trying again is of no use.
        case model

        /// The system refused: no space, no permission, a broken disk.
        case system

        /// Trying again may help: the run was cancelled, or another holds the folder.
        case retry
    }

    /// What a caller can do about it.
    package let kind: Kind

    /// All that was found.
    package let diagnostics: [Diagnostic]

    /// Creates an error.
    package init(_ kind: Kind, _ diagnostics: [Diagnostic]) {
        self.kind = kind
        self.diagnostics = diagnostics
    }

    /// Creates an error of one message.
    package init(_ kind: Kind, _ diagnostic: Diagnostic) {
        self.init(kind, [diagnostic])
    }

    /// The process' exit code.
    package var exitCode: Int32 {
        switch kind {
        case .model: 1
        case .system: 2
        case .retry: 3
        }
    }
}

extension ExecutionError {
    /// What the system said about a file.
    package init(_ error: FileError) {
        var kind = Kind.system
        if case .unfetched(_, let help) = error.cause {
            kind =
                switch help {
                case .model: .model
                case .system: .system
                case .retry: .retry
                }
        }
        self.init(kind, error.diagnostic)
    }

    /// Runs a step on files and makes its failure one of the run.
    static func system<Value: ~Copyable>(_ body: () throws(FileError) -> Value) throws(ExecutionError) -> Value {
        do throws(FileError) { return try body() } catch { throw ExecutionError(error) }
    }

    /// The caller asked to stop, and what was written stays for a later run.
    ///
    /// - Parameter hint: How to go on.
    /// - Returns: The error to throw, which is the same where nobody asked to stop.
    func keeping(_ hint: String) -> ExecutionError {
        guard diagnostics.contains(where: \.isCancellation) else { return self }
        let message = "stopped, as asked, and what was written is kept"
        return ExecutionError(
            .retry,
            .cancelled(message, fix: Diagnostic.FixIt(hint))
        )
    }

    /// The caller asked to stop.
    static func cancelled() -> ExecutionError {
        ExecutionError(.retry, .cancelled())
    }
}

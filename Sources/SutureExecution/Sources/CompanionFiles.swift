import SutureCheckpoints
import SutureDiagnostics
import SuturePlanning
import SystemPackage

/// The small files that a plan copies as they are, held to what they were when the work began.
struct CompanionFiles: Sendable {
    private let companions: [Plan.Companion]
    private let found: [FileIdentity?]

    /// Looks at the companions of a plan.
    ///
    /// - Throws: ``ExecutionError`` naming each that is gone or not as long as was planned.
    init(_ plan: Plan) throws(ExecutionError) {
        companions = plan.companions
        found = try Self.identities(of: plan.companions)
        try check(found)
    }

    /// Looks again, once they are copied.
    ///
    /// - Throws: ``ExecutionError`` naming each that is gone or not what it was.
    func verify() throws(ExecutionError) { try check(Self.identities(of: companions)) }

    private func check(_ identities: [FileIdentity?]) throws(ExecutionError) {
        var diagnostics = Diagnostics()
        for (companion, (now, first)) in zip(companions, zip(identities, found)) {
            guard let now else {
                diagnostics.append(.companionVanished(companion))
                continue
            }
            if now.byteCount != companion.byteCount || now != first { diagnostics.append(.companionChanged(companion)) }
        }
        if diagnostics.hasErrors { throw ExecutionError(.model, diagnostics.all) }
    }

    private static func identities(of companions: [Plan.Companion]) throws(ExecutionError) -> [FileIdentity?] {
        try companions.map { (companion) throws(ExecutionError) in
            try ExecutionError.system { () throws(FileError) in
                try FileSystem.identity(of: FilePath(companion.path))
            }
        }
    }
}

extension Diagnostic {
    fileprivate static func companionVanished(_ companion: Plan.Companion) -> Diagnostic {
        sourceVanished(companion.path, "the file to copy was there when the plan was made and is gone")
    }

    fileprivate static func companionChanged(_ companion: Plan.Companion) -> Diagnostic {
        sourceChanged(
            companion.path,
            "the file to copy is not what it was when the plan was made, or changed while it was copied"
        )
    }
}

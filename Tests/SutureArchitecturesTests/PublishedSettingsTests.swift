import SutureCheckpoints
import SutureDiagnostics
import SutureTestSupport
import SystemPackage
import Testing

@testable import SutureArchitectures

/// The page that says what models must agree on is the table that they are held against.
///
/// `SUTURE_RECORD=1 swift test` writes it anew.
@Suite("The published table of settings", .serialized)
struct PublishedSettingsTests {
    private static let page: FilePath = {
        let root = #filePath.split(separator: "/", omittingEmptySubsequences: false).dropLast(3).joined(separator: "/")
        return FilePath(root + "/Sources/SutureKit/SutureKit.docc/WhatModelsMustAgreeOn.md")
    }()

    @Test("is the one in use", arguments: [("settings", settings), ("doubts", doubts)])
    func isInUse(_ name: String, _ table: [String]) throws {
        let text = String(decoding: try FileSystem.read(Self.page), as: UTF8.self)
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        let start = try #require(lines.firstIndex(of: "<!-- \(name) -->"))
        let stop = try #require(lines.firstIndex(of: "<!-- end of \(name) -->"))
        if Environment.isRecording {
            try FileSystem.write((lines[...start] + table + lines[stop...]).joined(separator: "\n"), to: Self.page)
        } else {
            #expect(Array(lines[(start + 1)..<stop]) == table)
        }
    }

    static let settings: [String] = {
        let rows = Setting.all.map { setting in
            let others = setting.keys.dropFirst().map { "`\($0)`" }.joined(separator: " ")
            let severity = setting.canBeAccepted ? setting.severity.rawValue : "error, a shape"
            return "| `\(setting.name)` | \(others) | \(words(setting.scope)) | \(severity) |"
        }
        return ["| setting | also called | counts where a model gives | a difference is |", "|---|---|---|---|"] + rows
    }()

    static let doubts: [String] = {
        let rows = Doubt.all.map { "| `\($0.name)` | \($0.summary) | \($0.severity.rawValue) |" }
        return ["| name under `accept` | what it is | how bad |", "|---|---|---|"] + rows
    }()

    private static func words(_ scope: Setting.Scope) -> String {
        let parts: [(Setting.Scope, String)] = [
            (.attention, "attention"), (.mlp, "MLP"), (.embed, "embedding"), (.head, "head"),
        ]
        if scope == .all { return "anything" }
        return parts.filter { scope.contains($0.0) }.map(\.1).joined(separator: ", ")
    }
}

import SutureCheckpoints
import SutureDiagnostics
import SutureJSON
import SuturePlanning
import SystemPackage

/// Which plan a staged folder is written from, and how that is cut into parts: fixed by whoever comes first.
struct PartMarker: Hashable, Sendable {
    /// The plan's fingerprint.
    let fingerprint: String

    /// The recipe's name, for people.
    let recipe: String

    /// The parts, in order.
    let parts: [Share]

    /// What belongs to a part.
    struct Share: Hashable, Sendable {
        /// The tensors, as a range of the plan's.
        let tensors: Range<Int>

        /// The bytes of files.
        let byteCount: Int
    }

    /// The marker of a plan that is cut.
    init(_ plan: Plan, fingerprint: String, _ cut: PartCut) {
        self.fingerprint = fingerprint
        recipe = plan.recipe.name
        parts = Part.all(of: cut.tensors.count).map { part in
            let byteCount = cut.stretches(of: part, in: plan).reduce(0) { $0 + $1.range.count }
            return Share(tensors: cut.tensors[part.number - 1], byteCount: byteCount)
        }
    }

    /// Leaves the marker in a work folder, or finds one that says the same.
    ///
    /// - Throws: ``ExecutionError`` where another plan, or another number of parts, is being written there.
    func claim(_ folder: WorkFolder) throws(ExecutionError) {
        let text = JSONPrinter.print(json, indent: 1) + "\n"
        let isFirst = try ExecutionError.system { () throws(FileError) in
            guard try FileSystem.kind(of: folder.marker, followsLinks: false) == nil else { return false }
            return try FileSystem.writeExclusively(text, to: folder.marker)
        }
        if isFirst { return }
        try check(Self.read(folder), in: folder)
    }

    /// Compares with what is in a folder.
    ///
    /// - Parameters:
    ///   - other: The marker that is there.
    ///   - folder: The folder.
    /// - Throws: ``ExecutionError`` where it is another plan's, or the plan is cut otherwise.
    func check(_ other: PartMarker, in folder: WorkFolder) throws(ExecutionError) {
        if other == self { return }
        if other.fingerprint != fingerprint {
            throw ExecutionError(.model, .partialOfAnotherPlan(recipe, other.recipe, folder))
        }
        if other.parts.count != parts.count {
            throw ExecutionError(.model, .otherPartCount(parts.count, other.parts.count, folder))
        }
        throw ExecutionError(.model, .otherCut(folder))
    }
}

// MARK: - As text

extension PartMarker {
    private static let format = "suture parts 1"

    private var json: JSONValue {
        .object([
            "format": .string(Self.format),
            "plan": .string(fingerprint),
            "recipe": .string(recipe),
            "parts": .array(
                parts.map { share in
                    .object([
                        "tensors": .array([.int(share.tensors.lowerBound), .int(share.tensors.upperBound)]),
                        "bytes": .int(share.byteCount),
                    ])
                }
            ),
        ])
    }

    /// Reads the marker of a work folder.
    ///
    /// - Throws: ``ExecutionError`` where it is none.
    static func read(_ folder: WorkFolder) throws(ExecutionError) -> PartMarker {
        let path = folder.marker
        let bytes = try ExecutionError.system { () throws(FileError) in try FileSystem.read(path, limit: 1 << 26) }
        guard let object = (try? JSONParser.parse(bytes))?.object, object["format"]?.string == format,
            let fingerprint = object["plan"]?.string, let recipe = object["recipe"]?.string,
            let list = object["parts"]?.array, (1...Part.mostParts).contains(list.count)
        else { throw ExecutionError(.model, .unreadableMarker(path)) }
        var parts: [Share] = []
        for value in list {
            guard let tensors = value.object?["tensors"]?.range, let bytes = value.object?["bytes"]?.int,
                (0...1 << 60).contains(bytes)
            else { throw ExecutionError(.model, .unreadableMarker(path)) }
            parts.append(Share(tensors: tensors, byteCount: bytes))
        }
        return PartMarker(fingerprint: fingerprint, recipe: recipe, parts: parts)
    }

    private init(fingerprint: String, recipe: String, parts: [Share]) {
        self.fingerprint = fingerprint
        self.recipe = recipe
        self.parts = parts
    }
}

extension JSONValue {
    /// The range that a list of its bounds says.
    var range: Range<Int>? {
        guard let bounds = array, bounds.count == 2, let low = bounds[0].int, let high = bounds[1].int, low >= 0,
            low <= high
        else { return nil }
        return low..<high
    }
}

extension Diagnostic {
    fileprivate static func partialOfAnotherPlan(
        _ own: String,
        _ other: String,
        _ folder: WorkFolder
    ) -> Diagnostic {
        let others = own == other ? "another plan of '\(other)', or its sources have changed since" : "'\(other)'"
        return partialOfAnotherPlan(
            "what is being written here is \(others), and this is the plan of '\(own)'",
            at: folder.path.removingLastComponent(),
            fix: "choose another output; or remove this folder, or build without --resume, to start anew"
        )
    }

    fileprivate static func otherPartCount(_ own: Int, _ other: Int, _ folder: WorkFolder) -> Diagnostic {
        Diagnostic(
            code: "other-part-count",
            "this output is being written in \(other) part\(other == 1 ? "" : "s"), and this run counts \(own)",
            at: .file(folder.path.removingLastComponent().string, tensor: nil),
            fix: FixIt("count \(other) parts; or remove this folder to start anew")
        )
    }

    fileprivate static func otherCut(_ folder: WorkFolder) -> Diagnostic {
        Diagnostic(
            code: "other-part-cut",
            "this output's parts were cut at other tensors, by another version of suture",
            at: .file(folder.path.removingLastComponent().string, tensor: nil),
            fix: FixIt("run all parts with one version; or remove this folder to start anew")
        )
    }

    fileprivate static func unreadableMarker(_ path: FilePath) -> Diagnostic {
        partialOfAnotherPlan(
            "what was left here was not left by this version of suture",
            at: path,
            fix: "remove the folder above it, or build without --resume, to start anew"
        )
    }

    /// Something that an earlier run left, and that this one cannot go on with.
    static func partialOfAnotherPlan(_ fact: String, at path: FilePath, fix: String) -> Diagnostic {
        Diagnostic(code: "partial-of-another-plan", fact, at: .file(path.string, tensor: nil), fix: FixIt(fix))
    }
}

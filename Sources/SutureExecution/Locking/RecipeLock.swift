package import SutureCheckpoints
package import SutureDiagnostics
import SutureJSON

/// `RECIPE.lock`: the revision and the SHA-256 of every file of every model that a recipe takes from.
///
/// It pins models and not the recipe, whose own history says what changed in it. JSON of two spaces a level, sources
/// in the recipe's order and files in the order of their names; the same models give the same text.
package struct RecipeLock: Hashable, Sendable {
    /// The models.
    package var sources: [Source]

    /// A model.
    package struct Source: Hashable, Sendable {
        /// The name by which the recipe calls it.
        package var name: String
        /// The reference as it was written.
        package var reference: String
        /// Its id on the hub, where it has one.
        package var hubID: String?
        /// The commit it stands at, where it is known.
        package var revision: String?
        /// Its files, weights and all others, in the order of their names.
        package var files: [File]
    }

    /// A file of a model.
    package struct File: Hashable, Sendable {
        /// Its path in the model's folder; that of an adapter's file begins with `+`.
        package var name: String
        /// Its length.
        package var byteCount: Int
        /// Its SHA-256.
        package var sha256: SHA256Hash
    }

    /// The version of the format.
    private static let version = 1

    /// The most bytes that a lock may have.
    package static let byteLimit = 64 << 20

    /// The whole text.
    package var text: String {
        let object: JSONObject = [
            "suture_lock": .int(Self.version),
            "sources": .array(
                sources.map { source in
                    .object([
                        "name": .string(source.name),
                        "reference": .string(source.reference),
                        "hub_id": source.hubID.map(JSONValue.string) ?? .null,
                        "revision": source.revision.map(JSONValue.string) ?? .null,
                        "files": .array(
                            source.files.map { file in
                                .object([
                                    "name": .string(file.name), "bytes": .int(file.byteCount),
                                    "sha256": .string(file.sha256.digits),
                                ])
                            }
                        ),
                    ])
                }
            ),
        ]
        return JSONPrinter.print(.object(object), indent: 2) + "\n"
    }

    /// Creates a lock of models.
    init(sources: [Source]) {
        self.sources = sources
    }

    /// Reads the text of a lock.
    ///
    /// - Parameters:
    ///   - text: The file's bytes.
    ///   - path: What the file is called in messages.
    /// - Throws: `Diagnostic` where it is none, or of another version.
    package init(parsing text: [UInt8], path: String) throws(Diagnostic) {
        let value: JSONValue
        do throws(JSONError) { value = try JSONParser.parse(text) } catch {
            throw error.diagnostic(path: path, bytes: text)
        }
        guard let object = value.object, object["suture_lock"]?.int == Self.version,
            let list = object["sources"]?.array
        else { throw .notALock(path) }
        sources = try list.map { (value) throws(Diagnostic) in
            guard let source = Source(value) else { throw .notALock(path) }
            return source
        }
    }
}

extension RecipeLock.Source {
    fileprivate init?(_ value: JSONValue) {
        guard let object = value.object, let name = object["name"]?.string,
            let reference = object["reference"]?.string, let list = object["files"]?.array
        else { return nil }
        self.name = name
        self.reference = reference
        hubID = object["hub_id"]?.string
        revision = object["revision"]?.string
        files = []
        for value in list {
            guard let file = value.object, let name = file["name"]?.string, let byteCount = file["bytes"]?.int,
                let digits = file["sha256"]?.string, let hash = SHA256Hash(digits: digits)
            else { return nil }
            files.append(RecipeLock.File(name: name, byteCount: byteCount, sha256: hash))
        }
    }
}

extension Diagnostic {
    fileprivate static func notALock(_ path: String) -> Diagnostic {
        Diagnostic(
            code: "bad-lock",
            "this is no lock that this version of suture wrote",
            at: .file(path, tensor: nil),
            fix: FixIt("pin the models anew with 'suture lock RECIPE'")
        )
    }
}

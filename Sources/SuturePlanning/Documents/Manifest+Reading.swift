import SutureCheckpoints
package import SutureDiagnostics
import SutureJSON
import SutureMerging
import SutureTensors

extension Manifest {
    /// The most bytes a manifest may have; one of a model of 405 billion parameters has under one million.
    package static let byteLimit = 256 << 20

    /// Reads a manifest's text.
    ///
    /// - Parameters:
    ///   - text: The file's bytes.
    ///   - path: What the file is called in messages.
    /// - Throws: `Diagnostic` where it is damaged, from another version, or none at all.
    package init(parsing text: [UInt8], path: String) throws(Diagnostic) {
        let value: JSONValue
        do throws(JSONError) { value = try JSONParser.parse(text) } catch {
            throw error.diagnostic(path: path, bytes: text)
        }
        guard let object = value.object, let version = object["manifest"]?.int else { throw .notAManifest(path) }
        guard version == Self.version else { throw .manifestVersion(path, version, known: Self.version) }
        let sealCount = Self.seal(of: "").utf8.count
        let body = String(decoding: text.dropLast(sealCount), as: UTF8.self)
        guard text.count > sealCount, text.suffix(sealCount).elementsEqual(Self.seal(of: body).utf8) else {
            throw .manifestDamaged(path)
        }
        do throws(ManifestReader.Fault) {
            self = try ManifestReader(object: object).read()
        } catch { throw .badManifest(path, error.words) }
    }
}

/// Takes the members of a manifest apart; what its hash vouches for may still come from another hand.
private struct ManifestReader {
    let object: JSONObject

    struct Fault: Error {
        let words: String
    }

    func read() throws(Fault) -> Manifest {
        let shards = try array(object, "shards").map(shard)
        var places: [String: Int] = [:]
        for (place, shard) in shards.enumerated() { places[shard.name] = place }
        return Manifest(
            tool: try string(object, "tool"),
            recipe: try recipe(member(object, "recipe")),
            plan: try hash(object, "plan"),
            settings: try settings(member(object, "settings")),
            sources: try array(object, "sources").map(source),
            donors: try array(object, "donors").map(donor),
            shards: shards,
            files: try array(object, "files").map(file),
            tensors: try tensors(member(object, "tensors"), places, shards)
        )
    }

    private func recipe(_ object: JSONObject) throws(Fault) -> Manifest.Recipe {
        var given = Plan.RecipeRecord.Given()
        given.inputs = try strings(object, "inputs")
        given.paths = try strings(object, "paths")
        given.parameters = try strings(object, "parameters")
        given.shardSize = object["shard_size"]?.int
        given.roundsStages = object["stage_rounding"]?.bool ?? false
        given.keepsFiles = object["link"]?.bool ?? false
        given.accepted = object["accept"]?.array?.compactMap(\.string) ?? []
        given.flat = object["flat"]?.string
        return Manifest.Recipe(
            name: try string(object, "name"),
            dialect: try string(object, "dialect"),
            file: try fileName(object, "file"),
            hash: try hash(object, "hash"),
            given: given
        )
    }

    private func settings(_ object: JSONObject) throws(Fault) -> Plan.Settings {
        Plan.Settings(
            seed: try int(object, "seed"),
            compatibility: try compatibility(object),
            computeDType: object["compute_dtype"]?.string.flatMap { DType(rawValue: $0) },
            allowsNonFinite: object["allow_nonfinite"]?.bool ?? false
        )
    }

    private func compatibility(_ object: JSONObject) throws(Fault) -> MergeRelease? {
        guard let name = object["compat"]?.string else {
            // Before releases were told apart, it was this one.
            return object["bug_compatible"]?.bool ?? false ? MergeRelease(name: "mergekit-0.1.4") : nil
        }
        guard let release = MergeRelease(name: name) else {
            throw Fault(words: "'compat' is '\(excerpt(name))', which this suture does not know")
        }
        return release
    }

    private func source(_ object: JSONObject) throws(Fault) -> Manifest.Source {
        Manifest.Source(
            name: try string(object, "name"),
            reference: try string(object, "reference"),
            hubID: object["hub_id"]?.string,
            revision: object["revision"]?.string,
            files: try array(object, "files").map { (file) throws(Fault) in
                Manifest.SourceFile(
                    name: try string(file, "name"),
                    byteCount: try int(file, "bytes"),
                    sha256: file["sha256"]?.string.flatMap { SHA256Hash(digits: $0) }
                )
            }
        )
    }

    private func donor(_ object: JSONObject) throws(Fault) -> Plan.Donor {
        Plan.Donor(
            part: try string(object, "part"),
            source: try string(object, "source"),
            reason: try string(object, "reason")
        )
    }

    private func shard(_ object: JSONObject) throws(Fault) -> Manifest.Shard {
        let shard = Manifest.Shard(
            name: try fileName(object, "name"),
            byteCount: try int(object, "bytes"),
            dataStart: try int(object, "data_start"),
            header: try hash(object, "header")
        )
        guard shard.dataStart <= shard.byteCount else {
            throw Fault(words: "'\(excerpt(shard.name))' ends in its header")
        }
        return shard
    }

    private func file(_ object: JSONObject) throws(Fault) -> Manifest.File {
        Manifest.File(
            name: try fileName(object, "name"),
            byteCount: try int(object, "bytes"),
            hash: try hash(object, "hash")
        )
    }

    private func tensors(
        _ object: JSONObject,
        _ places: [String: Int],
        _ shards: [Manifest.Shard]
    ) throws(Fault) -> [Manifest.Tensor] {
        var ends = shards.map(\.dataStart)
        return try object.members.map { (member) throws(Fault) in
            let name = excerpt(member.key)
            guard let fields = member.value.object,
                let dtype = fields["dtype"]?.string.flatMap({ DType(rawValue: $0) }),
                let dimensions = fields["shape"]?.array?.map(\.int), dimensions.allSatisfy({ $0 ?? -1 >= 0 }),
                let spec = try? TensorSpec(member.key, dtype, Shape(dimensions.compactMap(\.self)))
            else { throw Fault(words: "what tensor '\(name)' is cannot be read") }
            guard let shard = fields["shard"]?.string.flatMap({ places[$0] }) else {
                throw Fault(words: "tensor '\(name)' lies in no shard")
            }
            let offset = fields["offset"]?.int ?? ends[shard]
            guard offset >= ends[shard] else { throw Fault(words: "tensor '\(name)' lies in the one before it") }
            guard spec.byteCount <= shards[shard].byteCount, offset <= shards[shard].byteCount - spec.byteCount else {
                throw Fault(words: "tensor '\(name)' lies beyond the end of its shard")
            }
            ends[shard] = offset + spec.byteCount
            let text = fields["hash"]?.string
            let hash = text.flatMap { ContentHash($0) }
            if text != nil, hash == nil { throw Fault(words: "the hash of tensor '\(name)' is none") }
            return Manifest.Tensor(
                spec: spec,
                shard: shard,
                offset: offset,
                origin: try string(fields, "from"),
                hash: hash
            )
        }
    }

    // MARK: - Members

    private func member(_ object: JSONObject, _ key: String) throws(Fault) -> JSONObject {
        guard let value = object[key]?.object else { throw Fault(words: "'\(key)' should be an object") }
        return value
    }

    private func array(_ object: JSONObject, _ key: String) throws(Fault) -> [JSONObject] {
        let values = object[key]?.array?.map(\.object)
        guard let values, !values.contains(nil) else { throw Fault(words: "'\(key)' should be a list of objects") }
        return values.compactMap(\.self)
    }

    private func string(_ object: JSONObject, _ key: String) throws(Fault) -> String {
        guard let value = object[key]?.string else { throw Fault(words: "'\(key)' should be a string") }
        return value
    }

    private func strings(_ object: JSONObject, _ key: String) throws(Fault) -> [String: String] {
        var values: [String: String] = [:]
        for member in object[key]?.object?.members ?? [] {
            guard let text = member.value.string else { throw Fault(words: "'\(key)' should hold strings") }
            values[member.key] = text
        }
        return values
    }

    /// A name that does not lead out of the folder.
    private func fileName(_ object: JSONObject, _ key: String) throws(Fault) -> String {
        let name = try string(object, key)
        guard FileSystem.staysInside(name) else {
            throw Fault(words: "'\(excerpt(name))' is no name of a file in this folder")
        }
        return name
    }

    private func int(_ object: JSONObject, _ key: String) throws(Fault) -> Int {
        guard let value = object[key]?.int, value >= 0, value < 1 << 60 else {
            throw Fault(words: "'\(key)' should be a number that is not negative")
        }
        return value
    }

    private func hash(_ object: JSONObject, _ key: String) throws(Fault) -> ContentHash {
        guard let hash = ContentHash(try string(object, key)) else { throw Fault(words: "'\(key)' should be a hash") }
        return hash
    }
}

extension Diagnostic {
    fileprivate static func notAManifest(_ path: String) -> Diagnostic {
        Diagnostic(
            code: "bad-manifest",
            "this is no manifest of a build that can be verified: it does not say its version",
            at: .file(path, tensor: nil),
            fix: FixIt("build the model again, or verify its structure alone with --structure")
        )
    }

    fileprivate static func manifestVersion(_ path: String, _ version: Int, known: Int) -> Diagnostic {
        Diagnostic(
            code: "bad-manifest",
            "the manifest is of version \(version), and this suture reads version \(known)",
            at: .file(path, tensor: nil),
            fix: FixIt("verify it with the suture that made it")
        )
    }

    fileprivate static func manifestDamaged(_ path: String) -> Diagnostic {
        Diagnostic(
            code: "manifest-damaged",
            "the manifest does not match its own hash: it was edited or damaged",
            at: .file(path, tensor: nil),
            fix: FixIt("fetch it again, or build the model again")
        )
    }

    fileprivate static func badManifest(_ path: String, _ fault: String) -> Diagnostic {
        Diagnostic(code: "bad-manifest", "the manifest cannot be used: \(fault)", at: .file(path, tensor: nil))
    }
}

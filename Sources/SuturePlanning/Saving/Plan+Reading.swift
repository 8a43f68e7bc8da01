import SutureCheckpoints
import SutureDiagnostics
import SutureJSON
import SutureMerging
import SutureTensors

extension Plan.RecipeRecord {
    init(_ value: JSONValue) throws(PlanFault) {
        let object = try value.wantObject()
        self.init(
            name: try object.string("name"),
            path: try object.string("path"),
            dialect: try object.string("dialect"),
            text: try object.string("text"),
            summary: try object.optionalString("summary"),
            given: try object.want("given") { (value) throws(PlanFault) in try Given(value) }
        )
    }
}

extension Plan.RecipeRecord.Given {
    init(_ value: JSONValue) throws(PlanFault) {
        let object = try value.wantObject()
        func texts(_ key: String) throws(PlanFault) -> [String: String] {
            try object.want(key) { (value) throws(PlanFault) in
                let object = try value.wantObject()
                var result: [String: String] = [:]
                for key in object.keys { result[key] = try object.string(key) }
                return result
            }
        }
        self.init()
        inputs = try texts("inputs")
        paths = object["paths"] == nil ? [:] : try texts("paths")
        parameters = try texts("parameters")
        shardSize = try object.may("shard_size") { (value) throws(PlanFault) in try value.wantNatural() }
        roundsStages = try object.bool("stage_rounding")
        keepsFiles = try object.bool("link")
        accepted =
            try object.may("accept") { (value) throws(PlanFault) in
                try value.wantList { (value) throws(PlanFault) in try value.wantString() }
            } ?? []
        flat = try object.optionalString("flat")
    }
}

extension Plan.Source {
    init(_ value: JSONValue) throws(PlanFault) {
        let object = try value.wantObject()
        self.init(
            name: try object.string("name"),
            reference: try object.string("reference"),
            folder: try object.string("folder"),
            hubID: try object.optionalString("hub_id"),
            revision: try object.optionalString("revision"),
            files: try object.want("files") { (value) throws(PlanFault) in
                try value.wantList { (value) throws(PlanFault) in try File(value) }
            }
        )
    }
}

extension ByteVersion {
    /// The version that a file's object says: a tag, or the file's number and time.
    fileprivate init(_ object: JSONObject) throws(PlanFault) {
        if let tag = try object.optionalString("tag") {
            self = .content(tag)
            return
        }
        let inode = try object.want("inode") { (value) throws(PlanFault) in
            // File systems use all 64 bits.
            guard case .number(let text) = value, let inode = UInt64(text) else {
                throw PlanFault("expected a whole number from 0 on, found \(value.kind)")
            }
            return inode
        }
        self = .file(inode: inode, modified: try object.int("modified"))
    }
}

extension Plan.Source.File {
    init(_ value: JSONValue) throws(PlanFault) {
        let object = try value.wantObject()
        self.init(
            path: try object.string("path"),
            byteCount: try object.natural("bytes"),
            version: try ByteVersion(object),
            unpackedByteCount: try object.may("unpacked_bytes") { (value) throws(PlanFault) in try value.wantNatural()
            },
            sha256: try object.optionalString("sha256")
        )
    }
}

extension Plan.Tensor {
    init(_ value: JSONValue, _ trees: TreeReader) throws(PlanFault) {
        let object = try value.wantObject()
        self.init(
            spec: try object.spec(),
            shard: try object.natural("shard"),
            offset: try object.natural("offset"),
            expression: try object.want("tree") { (value) throws(PlanFault) in try trees.expression(value) }
        )
    }
}

extension Plan.Shard {
    init(_ value: JSONValue) throws(PlanFault) {
        let object = try value.wantObject()
        self.init(
            name: try object.string("name"),
            tensors: try object.want("tensors") { (value) throws(PlanFault) in try value.wantRange() },
            dataStart: try object.natural("data_start"),
            byteCount: try object.natural("bytes"),
            original: try object.may("original") { (value) throws(PlanFault) in
                let object = try value.wantObject()
                return Original(source: try object.natural("source"), file: try object.natural("file"))
            },
            preamble: try object.may("preamble") { (value) throws(PlanFault) in
                guard let bytes = Base64.bytes(try value.wantString()) else { throw PlanFault("this is no Base64") }
                return bytes
            } ?? []
        )
    }
}

extension Plan.Document {
    init(_ value: JSONValue) throws(PlanFault) {
        let object = try value.wantObject()
        self.init(name: try object.string("name"), text: try object.string("text"))
    }
}

extension Plan.Companion {
    init(_ value: JSONValue) throws(PlanFault) {
        let object = try value.wantObject()
        self.init(
            name: try object.string("name"),
            path: try object.string("path"),
            byteCount: try object.natural("bytes")
        )
    }
}

extension Plan.Stack.Run {
    init(_ value: JSONValue) throws(PlanFault) {
        let object = try value.wantObject()
        self.init(
            layers: try object.want("layers") { (value) throws(PlanFault) in try value.wantRange() },
            label: try object.string("from"),
            place: try object.optionalString("place")
        )
    }
}

extension Plan.Donor {
    init(_ value: JSONValue) throws(PlanFault) {
        let object = try value.wantObject()
        self.init(
            part: try object.string("part"),
            source: try object.string("source"),
            reason: try object.string("reason")
        )
    }
}

extension Plan.Account {
    init(_ value: JSONValue) throws(PlanFault) {
        let object = try value.wantObject()
        self.init(
            source: try object.string("source"),
            fate: try object.string("fate"),
            tensorCount: try object.natural("tensors"),
            byteCount: try object.natural("bytes")
        )
    }
}

extension Plan.Settings {
    init(_ value: JSONValue) throws(PlanFault) {
        let object = try value.wantObject()
        self.init(
            seed: try object.int("seed"),
            compatibility: try Self.compatibility(object),
            computeDType: try object.may("compute_dtype") { (value) throws(PlanFault) in try value.wantDType() },
            allowsNonFinite: try object.bool("allow_nonfinite")
        )
    }

    /// The release whose numbers are wanted; plans that do not tell releases apart mean this one.
    private static func compatibility(_ object: JSONObject) throws(PlanFault) -> MergeRelease? {
        guard object["compat"] != nil else {
            return try object.bool("bug_compatible") ? MergeRelease(name: "mergekit-0.1.4") : nil
        }
        return try object.may("compat") { (value) throws(PlanFault) in
            let name = try value.wantString()
            guard let release = MergeRelease(name: name) else {
                throw PlanFault("'\(excerpt(name))' is none of the tools whose numbers can be computed")
            }
            return release
        }
    }
}

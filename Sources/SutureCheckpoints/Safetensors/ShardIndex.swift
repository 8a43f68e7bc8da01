package import SutureDiagnostics
package import SutureJSON

/// Which file of a checkpoint holds which tensor: `model.safetensors.index.json`.
package struct ShardIndex: Hashable, Sendable {
    /// A tensor and the name of its file.
    package struct Entry: Hashable, Sendable {
        /// The tensor's name.
        package let tensor: String

        /// The file's name, relative to the checkpoint's folder.
        package let file: String

        /// Creates an entry.
        package init(tensor: String, file: String) {
            self.tensor = tensor
            self.file = file
        }
    }

    /// What `weight_map` says, in its order.
    package let entries: [Entry]

    /// What `metadata` says.
    package let metadata: JSONObject

    /// Creates an index of a checkpoint about to be written.
    ///
    /// - Parameters:
    ///   - entries: Each tensor once.
    ///   - totalParameters: The number of all elements.
    ///   - totalSize: The number of all tensor bytes.
    package init(_ entries: [Entry], totalParameters: Int, totalSize: Int) {
        self.entries = entries
        metadata = ["total_parameters": .int(totalParameters), "total_size": .int(totalSize)]
    }

    private init(entries: [Entry], metadata: JSONObject) {
        self.entries = entries
        self.metadata = metadata
    }

    /// The text of the file: indent 2, keys sorted by their bytes, a line break at the end.
    package var text: String {
        let sorted = entries.sorted { $0.tensor.utf8.lexicographicallyPrecedes($1.tensor.utf8) }
        let map = JSONObject(sorted.map { JSONObject.Member($0.tensor, .string($0.file)) })
        let object: JSONObject = ["metadata": .object(metadata), "weight_map": .object(map)]
        return JSONPrinter.print(.object(object), indent: 2) + "\n"
    }

    /// Reads the text of an index.
    ///
    /// - Parameters:
    ///   - text: The file's bytes.
    ///   - path: What the file is called in messages.
    /// - Returns: The index; every file name in it stays inside the folder.
    /// - Throws: `Diagnostics` with all that is wrong.
    package static func parse(_ text: [UInt8], path: String) throws(Diagnostics) -> ShardIndex {
        var parser = Parser(path: path)
        do throws(JSONError) { try parser.read(text) } catch {
            var diagnostics = parser.faults.diagnostics
            diagnostics.append(error.diagnostic(path: path, bytes: text))
            throw diagnostics
        }
        guard parser.faults.isEmpty else { throw parser.faults.diagnostics }
        return ShardIndex(entries: parser.entries, metadata: parser.metadata)
    }
}

extension ShardIndex {
    private struct Parser {
        let path: String
        var faults: FaultList
        var entries: [Entry] = []
        var metadata = JSONObject()
        private var tensors: Set<ExactKey> = []
        private var hasMap = false

        init(path: String) {
            self.path = path
            faults = FaultList(name: path)
        }

        mutating func read(_ text: [UInt8]) throws(JSONError) {
            var reader = try JSONReader(text)
            guard try reader.peek() == UInt8(ascii: "{") else {
                return faults.append(.badIndex(path, "is no JSON object"))
            }
            try reader.object { (reader, key, place) throws(JSONError) in
                switch key {
                case "weight_map":
                    guard !hasMap else { throw reader.error(.duplicateKey(key), at: place) }
                    hasMap = true
                    try readMap(&reader)
                case "metadata":
                    let start = try JSONParser.value(&reader)
                    metadata = start.object ?? JSONObject()
                default: try reader.skipValue()
                }
            }
            try reader.end()
            if !hasMap { faults.append(.badIndex(path, "has no weight_map")) }
        }

        private mutating func readMap(_ reader: inout JSONReader) throws(JSONError) {
            guard try reader.peek() == UInt8(ascii: "{") else {
                faults.append(.badIndex(path, "has a weight_map that is no object"))
                return try reader.skipValue()
            }
            try reader.object { (reader, tensor, _) throws(JSONError) in
                if !tensors.insert(ExactKey(tensor)).inserted {
                    faults.append(.badIndex(path, tensor: tensor, "names the tensor twice"))
                }
                guard try reader.peek() == UInt8(ascii: "\"") else {
                    faults.append(.badIndex(path, tensor: tensor, "gives it no string"))
                    return try reader.skipValue()
                }
                let file = try reader.string()
                guard FileSystem.staysInside(file) else {
                    return faults.append(
                        .badIndex(
                            path,
                            tensor: tensor,
                            "gives it '\(excerpt(file))', which is no name of a file in this folder"
                        )
                    )
                }
                entries.append(Entry(tensor: tensor, file: file))
            }
        }
    }
}

extension Diagnostic {
    /// An index that is none, or one whose entry for a tensor cannot be.
    static func badIndex(_ path: String, tensor: String? = nil, _ fault: String) -> Diagnostic {
        let message = tensor == nil ? "the index \(fault)" : "weight_map \(fault)"
        return Diagnostic(code: "bad-index", message, at: .file(path, tensor: tensor.map { excerpt($0) }))
    }
}

import SutureDiagnostics
import SutureJSON
import SutureTensors

/// Reads a header's entries and gathers what is wrong with them.
struct SafetensorsHeaderParser {
    var faults: FaultList
    private(set) var entries: [SafetensorsHeader.Entry] = []
    private(set) var metadata: [String: String] = [:]

    private let name: String
    private var names: Set<ExactKey> = []
    private var hasMetadata = false

    init(name: String) {
        self.name = name
        faults = FaultList(name: name)
    }

    mutating func read(_ text: [UInt8]) throws(JSONError) {
        var reader = try JSONReader(text, depthLimit: 64)
        // An entry of a real model takes some 130 bytes; growing tables as large as theirs costs more than reading.
        entries.reserveCapacity(text.count / 100)
        names.reserveCapacity(text.count / 100)
        try reader.object { (reader, key, _) throws(JSONError) in
            if key == "__metadata__" {
                try readMetadata(&reader)
            } else {
                try readEntry(key, &reader)
            }
        }
        try reader.end()
    }

    // MARK: - Metadata

    private mutating func readMetadata(_ reader: inout JSONReader) throws(JSONError) {
        if hasMetadata { faults.append(.duplicateMetadata(name)) }
        hasMetadata = true
        if try reader.peek() == UInt8(ascii: "n"), try reader.word() == .null { return }
        guard try reader.peek() == UInt8(ascii: "{") else {
            faults.append(.badMetadata(name, key: nil))
            return try reader.skipValue()
        }
        try reader.object { (reader, key, _) throws(JSONError) in
            guard try reader.peek() == UInt8(ascii: "\"") else {
                faults.append(.badMetadata(name, key: key))
                return try reader.skipValue()
            }
            metadata[key] = try reader.string()
        }
    }

    // MARK: - Entries

    private mutating func readEntry(_ tensor: String, _ reader: inout JSONReader) throws(JSONError) {
        if !names.insert(ExactKey(tensor)).inserted { faults.append(.duplicateTensor(name, tensor)) }
        guard try reader.peek() == UInt8(ascii: "{") else {
            faults.append(.badEntry(name, tensor, "is no object with dtype, shape and data_offsets"))
            return try reader.skipValue()
        }
        var dtypeName: String?
        var dimensions: [Int]?
        var offsets: [Int]?
        var seen: Fields = []
        try reader.object { (reader, key, place) throws(JSONError) in
            let field = Fields(key)
            guard seen.isDisjoint(with: field) else { throw reader.error(.duplicateKey(key), at: place) }
            seen.formUnion(field)
            switch field {
            case .dtype where try reader.peek() == UInt8(ascii: "\""): dtypeName = try reader.string()
            case .shape: dimensions = try numbers(&reader, limit: 64)
            case .offsets: offsets = try numbers(&reader, limit: 2)
            default: try reader.skipValue()
            }
        }
        guard let dtypeName else {
            return faults.append(
                .badEntry(name, tensor, seen.contains(.dtype) ? "has a dtype that is no string" : "has no dtype")
            )
        }
        guard let dtype = DType(rawValue: dtypeName), !dtype.isGGML else {
            return faults.append(.unknownDType(name, tensor, dtypeName))
        }
        guard let dimensions else {
            let fault =
                seen.contains(.shape) ? "has a shape that is no list of whole numbers from 0 up" : "has no shape"
            return faults.append(.badEntry(name, tensor, fault))
        }
        guard let offsets, offsets.count == 2 else {
            let fault =
                seen.contains(.offsets) ? "has data_offsets that are no two whole numbers" : "has no data_offsets"
            return faults.append(.badEntry(name, tensor, fault))
        }
        guard offsets[0] <= offsets[1] else {
            return faults.append(.offsetsReversed(name, tensor, offsets))
        }
        let spec: TensorSpec
        do throws(TensorSpecError) { spec = try TensorSpec(tensor, dtype, Shape(dimensions)) } catch {
            return faults.append(.impossibleTensor(name, tensor, error))
        }
        guard spec.byteCount == offsets[1] - offsets[0] else {
            return faults.append(.sizeMismatch(name, spec, bytes: offsets[1] - offsets[0]))
        }
        entries.append(SafetensorsHeader.Entry(spec: spec, byteRange: offsets[0]..<offsets[1]))
    }

    /// The fields of an entry; of others there may be any, which are nobody's business.
    private struct Fields: OptionSet {
        let rawValue: UInt8

        static let dtype = Fields(rawValue: 1)
        static let shape = Fields(rawValue: 2)
        static let offsets = Fields(rawValue: 4)

        init(rawValue: UInt8) { self.rawValue = rawValue }

        init(_ key: String) {
            switch key {
            case "dtype": self = .dtype
            case "shape": self = .shape
            case "data_offsets": self = .offsets
            default: self = []
            }
        }
    }

    /// Reads a list of at most `limit` whole numbers, or reads past it and returns `nil`.
    private func numbers(_ reader: inout JSONReader, limit: Int) throws(JSONError) -> [Int]? {
        guard try reader.peek() == UInt8(ascii: "[") else {
            try reader.skipValue()
            return nil
        }
        var numbers: [Int] = []
        var isGood = true
        try reader.array { (reader) throws(JSONError) in
            switch try reader.peek() {
            case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"):
                guard let number = try reader.natural(), numbers.count < limit else {
                    isGood = false
                    return
                }
                numbers.append(number)
            default:
                isGood = false
                try reader.skipValue()
            }
        }
        return isGood ? numbers : nil
    }

    // MARK: - Coverage

    /// Sorts the tensors by their bytes and checks that these cover the data once.
    mutating func checkCoverage(dataByteCount: Int) {
        func precedes(_ a: SafetensorsHeader.Entry, _ b: SafetensorsHeader.Entry) -> Bool {
            (a.byteRange.lowerBound, a.byteRange.upperBound) < (b.byteRange.lowerBound, b.byteRange.upperBound)
        }
        if !zip(entries, entries.dropFirst()).allSatisfy({ !precedes($1, $0) }) { entries.sort(by: precedes) }
        var end = 0
        var last: SafetensorsHeader.Entry?
        for entry in entries {
            let start = entry.byteRange.lowerBound
            if start < end, let last { faults.append(.overlap(name, entry, last)) }
            if start > end { faults.append(.hole(name, end..<start, before: entry)) }
            if entry.byteRange.upperBound >= end { (end, last) = (entry.byteRange.upperBound, entry) }
        }
        if end > dataByteCount {
            let past = entries.filter { $0.byteRange.upperBound > dataByteCount }
            if let first = past.first { faults.append(.pastEnd(name, first, others: past.count - 1, dataByteCount)) }
        } else if end < dataByteCount {
            faults.append(.trailingBytes(name, dataByteCount - end))
        }
    }
}

// MARK: - Words

extension Diagnostic {
    fileprivate static func duplicateMetadata(_ file: String) -> Diagnostic {
        Diagnostic(code: "safetensors-bad-metadata", "the header has __metadata__ twice", at: .file(file, tensor: nil))
    }

    fileprivate static func badMetadata(_ file: String, key: String?) -> Diagnostic {
        let message =
            key.map { "__metadata__ holds '\(excerpt($0))', which is no string" } ?? "__metadata__ is no object"
        return Diagnostic(code: "safetensors-bad-metadata", message, at: .file(file, tensor: nil))
    }

    fileprivate static func duplicateTensor(_ file: String, _ tensor: String) -> Diagnostic {
        tensorFault("safetensors-duplicate-tensor", file, tensor, "the header names the tensor twice")
    }

    fileprivate static func badEntry(_ file: String, _ tensor: String, _ fault: String) -> Diagnostic {
        tensorFault("safetensors-bad-entry", file, tensor, "the entry \(fault)")
    }

    fileprivate static func unknownDType(_ file: String, _ tensor: String, _ dtype: String) -> Diagnostic {
        Diagnostic(
            code: "safetensors-unknown-dtype",
            "safetensors knows no dtype '\(excerpt(dtype))'",
            at: .file(file, tensor: excerpt(tensor)),
            fix: .didYouMean(dtype, among: DType.inSafetensors.map(\.rawValue))
        )
    }

    fileprivate static func offsetsReversed(_ file: String, _ tensor: String, _ offsets: [Int]) -> Diagnostic {
        let message = "the data ends at byte \(offsets[1]), before it begins at \(offsets[0])"
        return tensorFault("safetensors-bad-offsets", file, tensor, message)
    }

    fileprivate static func impossibleTensor(_ file: String, _ tensor: String, _ error: TensorSpecError) -> Diagnostic {
        let message =
            switch error {
            case .tooLarge(_, let shape): "shape \(shape) is larger than any file"
            case .endsInsideBlock(_, let dtype, let shape):
                "\(shape) elements of \(dtype.rawValue) (\(dtype.bitWidth) bits each) end inside a byte"
            }
        return tensorFault("safetensors-bad-size", file, tensor, message)
    }

    fileprivate static func sizeMismatch(_ file: String, _ spec: TensorSpec, bytes: Int) -> Diagnostic {
        let need = "\(spec.dtype.rawValue) \(spec.shape) needs \(spec.byteCount) bytes"
        let message = "\(need), but data_offsets give it \(bytes)"
        return tensorFault("safetensors-bad-size", file, spec.name, message)
    }

    fileprivate static func overlap(
        _ file: String,
        _ entry: SafetensorsHeader.Entry,
        _ other: SafetensorsHeader.Entry
    ) -> Diagnostic {
        let (start, end) = (entry.byteRange.lowerBound, other.byteRange.upperBound)
        let message =
            "the data begins at byte \(start), inside that of '\(excerpt(other.spec.name))', which ends at \(end)"
        return tensorFault("safetensors-overlap", file, entry.spec.name, message)
    }

    fileprivate static func hole(
        _ file: String,
        _ hole: Range<Int>,
        before entry: SafetensorsHeader.Entry
    ) -> Diagnostic {
        let message = "bytes \(hole.lowerBound) to \(hole.upperBound) of the data, just before it, belong to no tensor"
        return tensorFault("safetensors-hole", file, entry.spec.name, message)
    }

    fileprivate static func pastEnd(
        _ file: String,
        _ entry: SafetensorsHeader.Entry,
        others: Int,
        _ dataByteCount: Int
    ) -> Diagnostic {
        let more = others > 0 ? " (and \(others) more tensors past it)" : ""
        return Diagnostic(
            code: "safetensors-past-end",
            "the data ends at byte \(entry.byteRange.upperBound), but the file has only \(dataByteCount)\(more)",
            at: .file(file, tensor: excerpt(entry.spec.name)),
            fix: FixIt("the file is cut short: download it again")
        )
    }

    fileprivate static func trailingBytes(_ file: String, _ count: Int) -> Diagnostic {
        let message = "\(count) bytes at the end of the file belong to no tensor"
        return Diagnostic(code: "safetensors-trailing-bytes", message, at: .file(file, tensor: nil))
    }

    private static func tensorFault(_ code: String, _ file: String, _ tensor: String, _ message: String) -> Diagnostic {
        Diagnostic(code: code, message, at: .file(file, tensor: excerpt(tensor)))
    }
}

import Glibc
import SutureTensors

/// A safetensors file held in memory, read by no more code than a test needs.
struct TinySafetensors: Sendable {
    struct Entry: Sendable {
        let dtype: DType
        let shape: Shape
        let bytes: [UInt8]
    }

    private(set) var tensors: [String: Entry] = [:]

    init(reading path: String) throws {
        let bytes = try readFile(path)
        let headerCount = (0..<8).reduce(0) { $0 | Int(bytes[$1]) << (8 * $1) }
        let header = String(decoding: bytes[8..<(8 + headerCount)], as: UTF8.self)
        // {"name":{"dtype":"F32","shape":[64,32],"data_offsets":[0,8192]},…}
        for part in header.split(separator: "},") {
            let quoted = part.split(separator: "\"", omittingEmptySubsequences: false).map(String.init)
            guard let name = quoted.indices.contains(1) ? quoted[1] : nil, name != "__metadata__",
                let dtype = quoted.firstIndex(of: "dtype").flatMap({ DType(rawValue: quoted[$0 + 2]) }),
                let shape = quoted.firstIndex(of: "shape").map({ numbers(quoted[$0 + 1]) }),
                let offsets = quoted.firstIndex(of: "data_offsets").map({ numbers(quoted[$0 + 1]) })
            else { continue }
            let start = 8 + headerCount
            tensors[name] = Entry(
                dtype: dtype,
                shape: Shape(shape),
                bytes: Array(bytes[(start + offsets[0])..<(start + offsets[1])])
            )
        }
    }
}

private func numbers(_ text: String) -> [Int] {
    text.split { !$0.isNumber }.compactMap { Int($0) }
}

struct UnreadableFile: Error {
    let path: String
}

/// All bytes of a file.
func readFile(_ path: String) throws -> [UInt8] {
    guard let file = fopen(path, "rb") else { throw UnreadableFile(path: path) }
    defer { fclose(file) }
    var bytes: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 1 << 16)
    while case let count = fread(&buffer, 1, buffer.count, file), count > 0 { bytes += buffer[..<count] }
    return bytes
}

/// The names in a folder, sorted.
func namesInFolder(_ path: String) throws -> [String] {
    guard let folder = opendir(path) else { throw UnreadableFile(path: path) }
    defer { closedir(folder) }
    var names: [String] = []
    while let entry = readdir(folder) {
        let name = withUnsafePointer(to: &entry.pointee.d_name) {
            $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
        }
        if !name.hasPrefix(".") { names.append(name) }
    }
    return names.sorted()
}

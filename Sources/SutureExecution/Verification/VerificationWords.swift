import SutureCheckpoints
import SutureDiagnostics
import SystemPackage

extension Diagnostic {
    static func missingFile(_ path: FilePath, tensors: Int? = nil) -> Diagnostic {
        let lost = tensors.map { ", and with it \($0) tensors" } ?? ""
        return Diagnostic(
            code: "file-missing",
            "the manifest lists the file, and it is not there\(lost)",
            at: .file(path.string, tensor: nil),
            fix: FixIt("fetch it again, or build the model again")
        )
    }

    static func extraFile(_ path: FilePath) -> Diagnostic {
        Diagnostic(
            code: "file-extra",
            "the file is no part of what was built, and loaders may take it for one",
            at: .file(path.string, tensor: nil),
            fix: FixIt("remove it, or keep it elsewhere")
        )
    }

    static func changedFile(_ path: FilePath, _ found: String, of wanted: String) -> Diagnostic {
        Diagnostic(
            code: "file-changed",
            "the file was edited or damaged: \(found), and of what was written it is \(wanted)",
            at: .file(path.string, tensor: nil),
            fix: FixIt("fetch it again, or build the model again")
        )
    }

    static func swappedShard(_ path: FilePath, is other: String) -> Diagnostic {
        Diagnostic(
            code: "shard-swapped",
            "the file holds the tensors of '\(other)'",
            at: .file(path.string, tensor: nil),
            fix: FixIt("give the files their own names again")
        )
    }

    static func truncated(
        _ path: FilePath,
        _ byteCount: Int,
        of wanted: Int,
        _ first: String?,
        _ count: Int
    ) -> Diagnostic {
        let lost = first.map { _ in ": " + (count == 1 ? "a tensor lacks bytes" : "\(count) tensors lack bytes") } ?? ""
        return Diagnostic(
            code: "file-truncated",
            "the file has \(byteCount) of its \(wanted) bytes\(lost)",
            at: .file(path.string, tensor: first),
            fix: FixIt("fetch it again, or build the model again")
        )
    }

    static func tooLong(_ path: FilePath, _ byteCount: Int, of wanted: Int) -> Diagnostic {
        Diagnostic(
            code: "file-too-long",
            "the file has \(byteCount) bytes and should end after \(wanted)",
            at: .file(path.string, tensor: nil),
            fix: FixIt("fetch it again, or build the model again")
        )
    }

    static func changedHeader(_ path: FilePath, differing tensor: String?) -> Diagnostic {
        Diagnostic(
            code: "header-changed",
            tensor == nil
                ? "the header is not what was written" : "the header does not say of it what was written",
            at: .file(path.string, tensor: tensor),
            fix: FixIt("fetch the file again, or build the model again")
        )
    }

    static func damagedTensor(
        _ name: String,
        in path: FilePath,
        _ hash: ContentHash,
        of wanted: ContentHash
    ) -> Diagnostic {
        Diagnostic(
            code: "tensor-damaged",
            "its bytes are not those that were written: their hash is \(hash), and that of what was written \(wanted)",
            at: .file(path.string, tensor: name),
            fix: FixIt("fetch the file again, or build the model again")
        )
    }

    static func unreadableTensor(_ name: String, in path: FilePath, _ fault: String) -> Diagnostic {
        Diagnostic(
            code: "tensor-damaged",
            "its packed bytes cannot be restored: \(fault)",
            at: .file(path.string, tensor: name),
            fix: FixIt("fetch the file again, or build the model again")
        )
    }
}

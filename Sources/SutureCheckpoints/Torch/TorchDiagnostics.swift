import SutureDiagnostics
import SystemPackage

// MARK: - Words

extension Diagnostic {
    static func tensorFault(_ code: String, _ path: FilePath, _ tensor: String, _ message: String)
        -> Diagnostic
    {
        Diagnostic(code: code, message, at: .file(path.string, tensor: excerpt(tensor)))
    }

    private static func torchFault(_ code: String, _ path: FilePath, _ message: String) -> Diagnostic {
        let words = "load it with the torch that made it, and save_pretrained(folder, safe_serialization=True)"
        return Diagnostic(code: code, message, at: .file(path.string, tensor: nil), fix: FixIt(words))
    }

    static func legacyTar(_ path: FilePath) -> Diagnostic {
        torchFault("torch-legacy", path, "the file is of torch before 0.4, a tar archive, which is not read")
    }

    static func notTorch(_ path: FilePath) -> Diagnostic {
        Diagnostic(
            code: "torch-not-a-zip",
            "the file does not begin as a torch file does",
            at: .file(path.string, tensor: nil),
            fix: FixIt("check what was downloaded: a page of a site is no weights")
        )
    }

    static func noPickle(_ path: FilePath, count: Int) -> Diagnostic {
        let message = count == 0 ? "the archive has no data.pkl" : "the archive has \(count) entries called data.pkl"
        return torchFault("torch-no-pickle", path, message)
    }

    static func badStream(_ path: FilePath, _ fault: String) -> Diagnostic {
        torchFault("torch-bad-stream", path, "the file is of torch before 1.6, and not as that writes it: \(fault)")
    }

    static func bigEndian(_ path: FilePath) -> Diagnostic {
        torchFault("torch-big-endian", path, "the numbers are not stored lowest byte first")
    }

    static func pickleTooLarge(_ path: FilePath) -> Diagnostic {
        torchFault("torch-pickle-too-large", path, "its pickle is larger than that of any model")
    }

    static func badPickle(_ path: FilePath, _ error: PickleError) -> Diagnostic {
        torchFault("torch-bad-pickle", path, "its pickle is not only weights: \(error)")
    }

    static func noStateDict(_ path: FilePath) -> Diagnostic {
        torchFault("torch-no-state-dict", path, "the file holds no dict of names and tensors")
    }
}

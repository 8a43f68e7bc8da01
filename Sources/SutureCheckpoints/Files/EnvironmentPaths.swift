import SystemPackage

/// Folders that environment variables name, `~` and `$NAME` in them expanded.
struct EnvironmentPaths {
    private let environment: [String: String]

    init(_ environment: [String: String]) {
        self.environment = environment
    }

    subscript(name: String) -> FilePath? {
        guard let value = environment[name], !value.isEmpty else { return nil }
        return FilePath(expand(value))
    }

    /// The folder of Hugging Face's tools.
    var hubHome: FilePath { self["HF_HOME"] ?? cacheHome.appending("huggingface") }

    /// The folder for what can be made again.
    var cacheHome: FilePath { self["XDG_CACHE_HOME"] ?? FilePath(environment["HOME"] ?? "/").appending(".cache") }

    /// A path with a leading `~` and each `$NAME` or `${NAME}` replaced by what the environment says.
    func expand(_ path: String) -> String {
        var rest = path[...]
        var result = ""
        if rest == "~" || rest.hasPrefix("~/"), let home = environment["HOME"] {
            result = home
            rest = rest.dropFirst()
        }
        while let dollar = rest.firstIndex(of: "$") {
            result += rest[..<dollar]
            rest = rest[rest.index(after: dollar)...]
            let isBraced = rest.hasPrefix("{")
            let name = rest.dropFirst(isBraced ? 1 : 0).prefix {
                $0 == "_" || $0.isASCII && ($0.isLetter || $0.isNumber)
            }
            let after = name.endIndex
            guard !name.isEmpty, let value = environment[String(name)], !isBraced || rest[after...].hasPrefix("}")
            else {
                result += "$"
                continue
            }
            result += value
            rest = rest[after...].dropFirst(isBraced ? 1 : 0)
        }
        return result + rest
    }
}

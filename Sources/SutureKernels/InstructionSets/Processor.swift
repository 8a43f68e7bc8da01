#if arch(x86_64)
    import Glibc

    /// What the system lets programs use of the processor.
    ///
    /// The processor itself says only what it has, not which registers the system saves; the levels are those of the
    /// x86-64 psABI.
    struct Processor: Sendable {
        /// This one; where the system does not tell, one without any extension.
        static let current = Processor(flags: systemFlags() ?? "")

        /// Whether it has all of x86-64-v3.
        let hasV3: Bool

        /// Whether it has all of x86-64-v4.
        let hasV4: Bool

        /// Reads the names of extensions, as Linux gives them, with spaces between.
        init(flags: String) {
            let flags = Set(flags.split(separator: " "))
            // LZCNT is among what Linux calls advanced bit manipulation.
            hasV3 = flags.isSuperset(of: ["avx", "avx2", "bmi1", "bmi2", "f16c", "fma", "abm", "movbe", "xsave"])
            hasV4 = hasV3 && flags.isSuperset(of: ["avx512f", "avx512bw", "avx512cd", "avx512dq", "avx512vl"])
        }

        /// What `/proc/cpuinfo` says of the first processor.
        private static func systemFlags() -> String? {
            guard let file = unsafe fopen("/proc/cpuinfo", "re") else { return nil }
            defer { unsafe fclose(file) }
            var line: UnsafeMutablePointer<CChar>?
            var capacity = 0
            defer { unsafe free(line) }
            while unsafe getline(&line, &capacity, file) > 0,
                let text = unsafe line.map({ unsafe String(cString: $0) })
            {
                if text.hasPrefix("flags"), let colon = text.firstIndex(of: ":") {
                    return String(text[colon...].dropFirst().drop { $0 == " " }.prefix { $0 != "\n" })
                }
            }
            return nil
        }
    }
#endif

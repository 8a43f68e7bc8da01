import SutureDiagnostics
import SutureTensors

extension RecipeFindings {
    /// Reads the dtype of a result or of arithmetic, in either dialect.
    ///
    /// - Parameters:
    ///   - word: The word.
    ///   - subject: What it stands for.
    ///   - isArithmetic: Whether numbers are computed in it.
    /// - Returns: The dtype; `nil` for a word that is none, or one in which no result can be written, which is reported.
    mutating func dtype(
        _ word: Marked<String>,
        _ subject: String,
        isArithmetic: Bool = false
    ) -> Marked<DType>? {
        guard let dtype = DType(recipeName: word.value) else {
            append(.unknownDType(word))
            return nil
        }
        guard dtype.isBlendable else {
            append(.dtypeNotWritten(word, subject))
            return nil
        }
        if isArithmetic, dtype.isGGML {
            append(.dtypeOfBlocks(word, subject))
            return nil
        }
        return Marked(dtype, at: word.range)
    }

    /// Says which programs cannot load weights of a dtype.
    mutating func checkLoaders(of dtype: Marked<DType>?) {
        guard let dtype else { return }
        switch dtype.value {
        case .float8E4M3, .float8E5M2: append(.dtypeNotLoaded(dtype, Self.ofFloat8))
        case .float64: append(.dtypeNotLoaded(dtype, Self.ofFloat64))
        default: break
        }
    }

    // Tried with transformers 5.24 and mlx-lm 0.32.
    private static let ofFloat8 =
        "transformers loads plain 8-bit floats only where it is told another dtype, and mlx-lm not at all"
    private static let ofFloat64 = "mlx-lm does not load it"
}

extension DType {
    /// The dtypes in which a result can be written, the usual ones first.
    static let written: [DType] =
        [.bfloat16, .float16, .float32]
        + allCases.filter { $0.isBlendable && ![.bfloat16, .float16, .float32].contains($0) }
}

extension Diagnostic {
    /// A dtype that does not exist.
    fileprivate static func unknownDType(_ word: Marked<String>) -> Diagnostic {
        let known = DType.written.flatMap(\.recipeNames)
        let bare = word.value.lowercased()
        // The beginning of a name is more likely cut short than misspelled, and what headers call a dtype is known too.
        let begun = known.filter { bare.count > 2 && $0.hasPrefix(bare) }
        let stored = DType.written.first { $0.rawValue == word.value.uppercased() }?.recipeNames.first
        let meant = stored ?? (begun.count == 1 ? begun[0] : nil)
        // A number of bits is no slip of the finger: `float4` means no other dtype.
        let alike = known.filter { $0.filter(\.isNumber) == bare.filter(\.isNumber) }
        let names = DType.written.compactMap(\.recipeNames.first)
        return Diagnostic(
            code: "unknown-dtype",
            "there is no dtype '\(word.value)'",
            at: word.range,
            fix: meant.map { FixIt("did you mean '\($0)'?", replacing: $0) }
                ?? (begun.isEmpty ? nil : FixIt("there are: " + begun.joined(separator: ", ")))
                ?? .didYouMean(word.value, among: alike) ?? FixIt("there are: " + names.joined(separator: ", "))
        )
    }

    /// A dtype in which no numbers are written.
    fileprivate static func dtypeNotWritten(_ word: Marked<String>, _ subject: String) -> Diagnostic {
        Diagnostic(
            code: "dtype-not-written",
            "\(subject) is '\(word.value)', and weights are written as floats only",
            at: word.range,
            fix: FixIt("write bfloat16, float16 or float32; what quantizes a model does so to a finished one")
        )
    }

    /// A format of blocks where a dtype of arithmetic is wanted.
    fileprivate static func dtypeOfBlocks(_ word: Marked<String>, _ subject: String) -> Diagnostic {
        Diagnostic(
            code: "dtype-not-written",
            "\(subject) is '\(word.value)', in which numbers are stored and none is computed",
            at: word.range,
            fix: FixIt("give it to the output: 'dtype' in Suture's language, 'out_dtype' in mergekit's")
        )
    }

    /// A dtype that some programs do not load.
    fileprivate static func dtypeNotLoaded(_ dtype: Marked<DType>, _ fact: String) -> Diagnostic {
        Diagnostic(
            .warning,
            code: "dtype-not-loaded",
            "a model of \(dtype.value.recipeNames.first ?? dtype.value.rawValue) is written, and \(fact)",
            at: dtype.range,
            fix: FixIt("write bfloat16, float16 or float32")
        )
    }
}

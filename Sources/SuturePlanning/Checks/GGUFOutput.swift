import SutureCheckpoints
import SutureDiagnostics
import SutureRecipes
import SutureTensors

/// Stops what a recipe asks of GGUF models and is not done to them, and holds their tokenizer against the embedding.
enum GGUFOutput: CompositionCheck {
    static func findings(in composition: Composition) -> [Diagnostic] {
        let output = composition.graph.output
        guard let keys = composition.donor.checkpoint.gguf else {
            guard let dtype = output.dtype, dtype.value.isGGML else { return [] }
            return [.blocksOutsideGGUF(dtype.value, composition.donor.name, at: dtype.range)]
        }
        var findings = types(of: composition)
        if let rules = output.tokenizer, rules.isUnion || !rules.tokens.isEmpty || rules.multiple != nil {
            findings.append(.ggufAsIs("tokens are given to", rules.range, fix: "take the tokenizer of one input"))
        }
        let tokenizer = composition.sources[composition.tokenizerDonor].checkpoint.gguf ?? keys
        let embedding = composition.strip.ends.embed.slots.first { $0.isVocabularyMatrix }
        if let rows = embedding?.spec.shape.dimensions[0], let list = tokenizer["tokenizer.ggml.tokens"]?.list,
            list.count > rows
        {
            findings.append(.ggufTokens(composition.sources[composition.tokenizerDonor].name, list.count, rows))
        }
        return findings
    }

    /// What is wrong with the types in which tensors are to be stored.
    private static func types(of composition: Composition) -> [Diagnostic] {
        let ends = composition.strip.ends
        let slots =
            composition.strip.layers.flatMap(\.slots) + ends.embed.slots + ends.norm.slots + ends.head.slots
            + composition.rest.map(\.slot)
        guard let named = composition.graph.output.dtype else {
            let computed = slots.filter { slot in
                slot.isComputed && (slot.spec.dtype.isGGML || slot.expression.leaves.contains { $0.spec.dtype.isGGML })
            }
            return computed.first.map { [.typeNotNamed($0, computed.count)] } ?? []
        }
        guard named.value.isGGML || [.float32, .float16, .bfloat16].contains(named.value) else {
            return [.notInGGUF(named)]
        }
        let kept = slots.filter { $0.spec.shape.rank > 1 && $0.spec.dtype.isGGML && !$0.spec.dtype.isDecodable }
        return kept.first.map { [.typeKept($0, kept.count, named)] } ?? []
    }
}

extension Diagnostic {
    fileprivate static func blocksOutsideGGUF(_ dtype: DType, _ donor: String, at range: SourceRange?) -> Diagnostic {
        Diagnostic(
            code: "dtype-not-in-format",
            "'\(dtype.recipeNames[0])' is a type of GGUF files, and a model like '\(donor)' is written as safetensors",
            at: range,
            fix: FixIt("write bfloat16, float16 or float32, or start from GGUF files")
        )
    }

    fileprivate static func notInGGUF(_ dtype: Marked<DType>) -> Diagnostic {
        Diagnostic(
            code: "dtype-not-in-format",
            "llama.cpp does not load weights of \(dtype.value.recipeNames.first ?? dtype.value.rawValue) in a GGUF file",
            at: dtype.range,
            fix: FixIt("write float32, float16, bfloat16, or a type of blocks such as q8_0")
        )
    }

    fileprivate static func typeNotNamed(_ slot: Strip.Slot, _ count: Int) -> Diagnostic {
        let packed = slot.expression.leaves.map(\.spec.dtype).first { $0.isGGML } ?? slot.spec.dtype
        return Diagnostic(
            code: "gguf-type-not-named",
            "'\(slot.spec.name)' is computed, as are \(count) tensors with it, and of packed numbers (\(packed.rawValue)): "
                + "which type the result is rounded to is not said",
            at: nil as SourceRange?,
            fix: FixIt("say it, as in 'output: {dtype: q8_0}', for all matrices of the result")
        )
    }

    fileprivate static func typeKept(_ slot: Strip.Slot, _ count: Int, _ dtype: Marked<DType>) -> Diagnostic {
        Diagnostic(
            .warning,
            code: "gguf-type-kept",
            "'\(slot.spec.name)', and \(count - 1) more, stays \(slot.spec.dtype.rawValue), of which the numbers are not "
                + "read, beside others of \(dtype.value.rawValue)",
            at: dtype.range
        )
    }

    fileprivate static func ggufAsIs(_ what: String, _ range: SourceRange?, fix: String) -> Diagnostic {
        Diagnostic(
            code: "gguf-as-it-is",
            "\(what) GGUF models, whose tokenizer is written as it is stored",
            at: range,
            fix: FixIt(fix)
        )
    }
}

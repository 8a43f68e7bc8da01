package import SutureJSON

extension Anatomy {
    /// The name that the head over tokens has where its model stores none, because it is the embedding.
    ///
    /// `nil` where the class that loads the model has no such head.
    package var unstoredHeadName: String? {
        if GGUFFamily.of(families) != nil { return "output.weight" }
        guard predictsTokens else { return nil }
        let family = facts.family
        if let name = TiedHeads.names[family] ?? TiedHeads.names[modelType] { return name }
        // A language model inside another keeps its head beside itself: `language_model.model.layers`.
        let parts = mainStack.prefix.split(separator: ".")
        guard let inner = parts.dropFirst().firstIndex(of: "model"), inner < parts.count - 1 else {
            return "lm_head.weight"
        }
        return (parts[..<inner] + ["lm_head", "weight"]).joined(separator: ".")
    }

    /// Whether a language model inside another has a head of its own.
    ///
    /// The config of the whole decides, and where it is silent the class of the whole, unless that leaves it to the
    /// language model.
    ///
    /// - Parameter config: The config of the whole.
    /// - Returns: Whether loaders look for it, rather than take the embedding.
    package func innerHeadIsOwn(under config: JSONObject) -> Bool {
        if let isTied = config["tie_word_embeddings"]?.bool { return !isTied }
        return !FamilyTable.isTiedByDefault(modelType) && !FamilyTable.tiesInnerHead(modelType) && !facts.isTied.value
    }

    /// Whether the classes that load the model have a head over tokens; a model whose class is not said may have one.
    private var predictsTokens: Bool {
        architectureNames.isEmpty
            || architectureNames.contains { name in TiedHeads.classWords.contains { name.contains($0) } }
    }

    /// Whether a stored head can be said to be no longer the embedding without changing what else the flag ties.
    ///
    /// - Parameters:
    ///   - head: The head's tensor.
    ///   - embedding: The tensor that embeds tokens.
    /// - Returns: Whether its family is known, the head is `lm_head.weight`, and no encoder or other part has the
    ///   embedding as well.
    package func canUntie(_ head: String, from embedding: String) -> Bool {
        let parent = mainStack.prefix.split(separator: ".").dropLast()
        let isBeside = EndFinder.module(of: embedding).split(separator: ".").dropLast() == parent
        let isAlone = !parent.contains("decoder") || architectureNames.contains { $0.hasSuffix("CausalLM") }
        return head.hasSuffix("lm_head.weight") && head == unstoredHeadName && isBeside && isAlone
            && sharers(of: embedding).isEmpty && FieldTable.isKnown(families)
    }

    /// What else shares the embedding in its family, in words; nothing where it is the head alone.
    ///
    /// - Parameter embedding: The tensor that embeds tokens.
    /// - Returns: Encoder and decoder of a model that has both.
    package func sharers(of embedding: String) -> [String] {
        let module = EndFinder.module(of: embedding).split(separator: ".").last
        let isShared = module == "shared" || TiedHeads.sharing.contains(facts.family)
        return isShared ? ["the encoder", "the decoder"] : []
    }
}

/// What families call the head that they tie to the embedding.
private enum TiedHeads {
    /// By family, where it is not `lm_head.weight`.
    static let names: [String: String] = {
        var names: [String: String] = [
            "albert": "predictions.decoder.weight", "distilbert": "vocab_projector.weight",
            "xlnet": "lm_loss.weight", "git": "output.weight", "rwkv": "head.weight",
            "ultrabert": "head.decoder.weight", "gpt_neox_japanese": "embed_out.weight",
            "blip": "text_decoder.cls.predictions.decoder.weight",
            "blip_text_model": "text_decoder.cls.predictions.decoder.weight",
        ]
        let alike: [(name: String, families: String)] = [
            (
                "cls.predictions.decoder.weight",
                """
                bert big_bird ernie megatron-bert mobilebert roc_bert roformer deberta deberta-v2 fnet layoutlm lxmert \
                mra nomic_bert nystromformer squeezebert tapas visual_bert yoso
                """
            ),
            (
                "lm_head.decoder.weight",
                """
                roberta camembert xlm-roberta xlm-roberta-xl xmod roberta-prelayernorm data2vec-text bert-generation \
                jina_embeddings_v3 esm gte ibert longformer mpnet luke
                """
            ),
            ("generator_lm_head.weight", "electra convbert"), ("decoder.weight", "modernbert modernbert-decoder"),
            ("pred_layer.proj.weight", "xlm flaubert"), ("output_projection.weight", "biogpt trocr"),
            ("proj_out.weight", "whisper moonshine moonshine_streaming cohere_asr canary"),
            ("lm_head.out_proj.weight", "t5gemma t5gemma2"),
        ]
        for (name, families) in alike {
            for family in families.split(separator: " ") { names[String(family)] = name }
        }
        return names
    }()

    /// Families whose encoder and decoder share a table that is not called `shared`.
    static let sharing: Set<String> = ["prophetnet", "fsmt", "t5gemma2", "speecht5"]

    /// Words in the names of classes that have a head over tokens.
    static let classWords = [
        "CausalLM", "MaskedLM", "ConditionalGeneration", "PreTraining", "LMHead", "DoubleHeads", "Seq2SeqLM",
        "SpeechToText", "TextToText", "BlockDiffusion", "GenerationDecoder",
    ]
}

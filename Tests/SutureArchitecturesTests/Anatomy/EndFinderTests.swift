import SutureArchitectures
import SutureJSON
import SutureTensors
import SutureTestSupport
import Testing

@Suite("A table of as many rows as there are tokens is the head only where it is one", .tags(.slow), .unlessQuick)
struct EndFinderTests {
    static let families = FamilyFixture.all.filter { !FamilyRoleTests.refused.contains($0.modelType) }

    /// A model of a family in which all tables outside the layers have as many rows as the embedding.
    static func crowded(_ family: FamilyFixture, isTied: Bool) throws -> (JSONObject, [TensorSpec]) {
        var config = family.config
        config["tie_word_embeddings"] = .bool(isTied)
        let others = Set(family.others)
        let tensors = try family.tensors().filter { !isTied || !family.head.contains($0.name) }.map { tensor in
            // An encoder's and a decoder's own tables of tokens are what they seem to be.
            guard others.contains(tensor.name), tensor.shape.rank == 2, !tensor.name.contains("embed_tokens.weight")
            else { return tensor }
            return try TensorSpec(tensor.name, tensor.dtype, [FamilyFixture.vocab, FamilyFixture.hidden])
        }
        return (config, tensors)
    }

    @Test("positions, kinds of tokens and poolers as many as tokens are no head of a tied model", arguments: families)
    func tied(_ family: FamilyFixture) throws {
        let (config, tensors) = try Self.crowded(family, isTied: true)
        guard let anatomy = try? Anatomy.read(config: config, tensors: tensors) else { return }
        let heads = zip(tensors, anatomy.parts).filter { $1 == .end(.head) && $0.shape.rank == 2 }.map(\.0.name)
        #expect(heads.allSatisfy { HeadNames.isHead(String($0.dropLast(".weight".count))) }, "\(heads)")
    }

    @Test("nor of one that has a head of its own", arguments: families.filter { !$0.head.isEmpty })
    func untied(_ family: FamilyFixture) throws {
        let (config, tensors) = try Self.crowded(family, isTied: false)
        let anatomy = try Anatomy.read(config: config, tensors: tensors)
        for (tensor, part) in zip(tensors, anatomy.parts) where part == .end(.head) && tensor.shape.rank == 2 {
            #expect(family.head.contains(tensor.name), "\(tensor.name)")
        }
        for (tensor, part) in zip(tensors, anatomy.parts) where part == .end(.embed) && tensor.shape.rank == 2 {
            #expect(family.embedding.isEmpty || family.embedding.contains(tensor.name), "\(tensor.name)")
        }
    }

    @Test("GPT-2 whose positions are as many as its tokens keeps its tie")
    func gpt2() throws {
        let tensors = [
            try TensorSpec("wte.weight", .float32, [64, 8]), try TensorSpec("wpe.weight", .float32, [64, 8]),
            try TensorSpec("h.0.ln_1.weight", .float32, [8]),
            try TensorSpec("h.0.attn.c_proj.weight", .float32, [8, 8]),
            try TensorSpec("h.0.mlp.c_fc.weight", .float32, [8, 32]),
        ]
        let config: JSONObject = ["model_type": "gpt2", "vocab_size": 64, "n_positions": 64, "n_layer": 1, "n_embd": 8]
        let anatomy = try Anatomy.read(config: config, tensors: tensors)
        #expect(anatomy.parts[0] == .end(.embed))
        #expect(anatomy.parts[1] == .end(.embedCompanion("position")))
        #expect(!anatomy.hasHead && anatomy.facts.isTied.value)
        #expect(anatomy.liesTransposed(tensors) == true)
    }

    @Test("a head that nobody knows by name is still found by its rows in a model that is not tied")
    func unknown() throws {
        let tensors = [
            try TensorSpec("model.embed_tokens.weight", .float32, [64, 8]),
            try TensorSpec("to_words.weight", .float32, [64, 8]),
            try TensorSpec("model.layers.0.self_attn.q_proj.weight", .float32, [8, 8]),
            try TensorSpec("model.layers.0.self_attn.o_proj.weight", .float32, [8, 8]),
            try TensorSpec("model.layers.0.mlp.up_proj.weight", .float32, [16, 8]),
        ]
        var config: JSONObject = [
            "model_type": "unheard-of", "vocab_size": 64, "num_hidden_layers": 1, "hidden_size": 8,
        ]
        #expect(try Anatomy.read(config: config, tensors: tensors).parts[1] == .end(.head))
        #expect(try Anatomy.read(config: config, tensors: tensors).liesTransposed(tensors) == false)
        config["tie_word_embeddings"] = true
        #expect(try Anatomy.read(config: config, tensors: tensors).parts[1] != .end(.head))
    }
}

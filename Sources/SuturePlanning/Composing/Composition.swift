import SutureArchitectures
import SutureDiagnostics
import SutureRecipes
import SutureTensors

/// What the output is made of, before names and offsets are final: the strip that is written, and who
/// gives what lies outside its layers.
struct Composition {
    /// The recipe.
    let graph: SliceGraph
    /// The opened checkpoints.
    let sources: [ResolvedSource]
    /// The layers and ends that are written.
    var strip: Strip
    /// Whose `config.json`, names and remaining tensors are written.
    var configDonor: Int
    /// Whose tokenizer is written.
    var tokenizerDonor: Int
    /// Whether the head is the embedding, and no tensor is written for it.
    var isTied: Bool
    /// The config donor's tensors outside layers and ends that are carried along.
    var rest: [ResolvedSource.Rest]
    /// The modules outside the layers that the recipe says what to make of.
    var modules: [ComposedModule] = []
    /// Who gives what and why, for people.
    var donors: [Plan.Donor]
    /// The tokens that are written, where rows follow them.
    var alignment: VocabularyAlignment?

    /// The donor of config and names.
    var donor: ResolvedSource { sources[configDonor] }

    /// The sources whose tensors or settings reach the output.
    var sourcesInUse: [Int] {
        var used = strip.sources
        for index in [
            configDonor, tokenizerDonor, strip.ends.embed.owner, strip.ends.norm.owner, strip.ends.head.owner,
        ]
        where !used.contains(index) {
            used.append(index)
        }
        return used
    }
}

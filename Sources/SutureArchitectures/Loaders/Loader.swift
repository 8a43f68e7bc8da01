/// A program that loads what Suture writes, in the version that was looked at, where it does not go by the keys of a
/// config that transformers goes by.
struct Loader: Sendable {
    /// What it is called.
    let name: String

    /// The version whose source was read, and which was run.
    let version: String

    /// Which keys of rotation it reads, by family.
    let rotations: [String: LoaderRotation]

    /// Settings that it reads by one name only, by family: its name, and the one by which transformers writes them.
    let names: [String: (own: String, other: String)]

    /// What it goes by where others go by a list of the layers' kinds.
    let readings: [LayerReading]

    /// Name and version, for messages.
    var words: String { "\(name) \(version)" }

    /// All of them.
    static let all: [Loader] = [
        Loader(
            name: "mlx-lm",
            version: "0.32.2",
            rotations: mlxRotations,
            names: [
                "qwen3_moe": (own: "num_experts", other: "num_local_experts"),
                "qwen3_vl_moe_text": (own: "num_experts", other: "num_local_experts"),
            ],
            readings: mlxReadings
        )
    ]
}

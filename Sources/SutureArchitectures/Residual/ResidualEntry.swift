import SutureJSON

/// What is known of how the blocks of some families meet the residual stream.
struct ResidualEntry: Sendable {
    /// The families, by `model_type`.
    let families: [String]

    /// How their blocks meet the stream.
    private let form: ResidualStream.Form

    /// A setting under which they do otherwise.
    private let exception: Exception?

    /// Tensors whose part no rule can tell.
    let marks: [StreamMark]

    /// A setting that decides between two forms.
    struct Exception: Sendable {
        /// The key in the language model's config.
        let key: String
        /// Whether it holds where the config does not say.
        let fallback: Bool
        /// For which value blocks do otherwise.
        let value: Bool
        /// What they do then.
        let form: ResidualStream.Form
    }

    /// - Parameters:
    ///   - families: The families, parted by spaces.
    ///   - form: How their blocks meet the stream.
    ///   - exception: A setting under which they do otherwise.
    ///   - marks: Tensors whose part no rule can tell; the first that means a tensor counts.
    init(
        _ families: String,
        _ form: ResidualStream.Form,
        unless exception: Exception? = nil,
        marks: [StreamMark] = []
    ) {
        self.families = families.split(separator: " ").map(String.init)
        self.form = form
        self.exception = exception
        self.marks = marks
    }

    /// How blocks meet the stream under a config.
    func form(under config: JSONObject) -> ResidualStream.Form {
        guard let exception else { return form }
        // A switch that is a number is off at 0.
        let setting = config.setting(exception.key)
        let value = setting?.bool ?? setting?.double.map { $0 != 0 } ?? exception.fallback
        return value == exception.value ? exception.form : form
    }
}

/// What the classes of the field do to the residual stream, family by family.
///
/// A family that is not listed is one whose class nobody has looked at: nothing is claimed of it.
enum ResidualTable {
    /// All entries.
    static let all: [ResidualEntry] = sums + markedSums + others

    /// The entry of a family.
    static func entry(of family: String) -> ResidualEntry? {
        byFamily[family] ?? GGUFFamily.of([family]).flatMap { byFamily[$0.alike] }
    }

    private static let byFamily: [String: ResidualEntry] = {
        let pairs = all.flatMap { entry in entry.families.map { ($0, entry) } }
        return Dictionary(pairs) { first, _ in first }
    }()
}

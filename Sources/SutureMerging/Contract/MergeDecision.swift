package import SutureTensors

/// Something on which a method's definition is silent, or on which programs disagree, and what is computed here.
package struct MergeDecision: Hashable, Sendable {
    /// What a decision is about.
    package enum Subject: Hashable, Sendable {
        /// The numbers of a tensor, which the method alone knows.
        case numbers

        /// The rows of embeddings that not all models have; a method never sees them.
        case rows

        /// The dtype of the result; a method never sees it.
        case dtype

        /// Random numbers, which no two programs draw alike: told only where another's numbers are asked for.
        case draws

        /// The models that are merged, whatever the method.
        case models
    }

    /// A short stable name, such as `dare-rescale`.
    package let id: String

    /// What it is about.
    package let subject: Subject

    /// What is computed here.
    package let documented: String

    /// Creates a decision.
    package init(_ id: String, on subject: Subject = .numbers, documented: String) {
        self.id = id
        self.subject = subject
        self.documented = documented
    }
}

/// What some releases of another program compute instead of what is decided here.
package struct MergeDeparture: Hashable, Sendable {
    /// The releases, the oldest first.
    package let releases: [MergeRelease]

    /// What they compute.
    package let words: String

    /// Whether their numbers are computed where they are asked for.
    package let isReproducible: Bool

    /// The only dtype of a merge in which they do so; `nil` where it is all of them.
    package let dtype: DType?

    /// Creates a departure.
    package init(of releases: [MergeRelease], _ words: String, isReproducible: Bool = true, onlyIn dtype: DType? = nil)
    {
        self.releases = releases
        self.words = words
        self.isReproducible = isReproducible
        self.dtype = dtype
    }

    func applies(in dtype: DType) -> Bool { self.dtype == nil || self.dtype == dtype }
}

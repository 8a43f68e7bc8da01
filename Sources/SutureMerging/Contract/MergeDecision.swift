package import SutureTensors

/// One place where a method's documented meaning is not what mergekit computes, or some release of it.
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

    /// What some releases of mergekit compute instead.
    package struct Departure: Hashable, Sendable {
        /// The releases.
        package let versions: ClosedRange<MergekitVersion>

        /// What they compute.
        package let mergekit: String

        /// Whether their numbers are computed where they are asked for.
        package let isReproducible: Bool

        /// The only dtype of a merge in which they do so; `nil` where it is all of them.
        package let dtype: DType?
    }

    /// A short stable name, such as `dare-rescale`.
    package let id: String

    /// What it is about.
    package let subject: Subject

    /// What is computed here.
    package let documented: String

    /// What is not computed so by mergekit, release by release; one that is not among them computes it so.
    package let departures: [Departure]

    /// Creates a decision.
    package init(_ id: String, on subject: Subject = .numbers, documented: String, _ departures: Departure...) {
        self.id = id
        self.subject = subject
        self.documented = documented
        self.departures = departures
    }

    /// What a release does otherwise, or `nil` where it does the same.
    package func departure(in version: MergekitVersion) -> Departure? {
        departures.first { $0.versions.contains(version) }
    }

    /// Whether some release does otherwise in a merge of that dtype.
    package func mayApply(in dtype: DType) -> Bool { departures.contains { $0.applies(in: dtype) } }

    /// Whether a tensor whose numbers are a release's, as far as they can be, is not what that release makes of it.
    package func isLacking(in version: MergekitVersion, _ dtype: DType) -> Bool {
        guard let departure = departure(in: version) else { return false }
        return !departure.isReproducible && departure.applies(in: dtype)
    }

    /// What mergekit computes, in words: `mergekit: …`, or `mergekit 0.1.4: …; 0.1.5: as here`.
    package var mergekit: String {
        guard departures.count != 1 || departures[0].versions != MergekitVersion.all else {
            return "mergekit: \(departures[0].mergekit)"
        }
        let releases = MergekitVersion.allCases.map { version in
            "\(version.rawValue): \(departure(in: version)?.mergekit ?? "as here")"
        }
        return "mergekit " + releases.joined(separator: "; ")
    }

    /// The releases whose numbers can be had where they are not those computed here.
    package var reproducible: [MergekitVersion] {
        MergekitVersion.allCases.filter { departure(in: $0)?.isReproducible ?? false }
    }
}

extension MergeDecision.Departure {
    /// What every release computes.
    package static func always(_ mergekit: String, isReproducible: Bool = true, onlyIn dtype: DType? = nil) -> Self {
        Self(versions: MergekitVersion.all, mergekit: mergekit, isReproducible: isReproducible, dtype: dtype)
    }

    /// What releases up to one compute.
    package static func until(
        _ version: MergekitVersion,
        _ mergekit: String,
        isReproducible: Bool = true,
        onlyIn dtype: DType? = nil
    ) -> Self {
        Self(
            versions: MergekitVersion.all.lowerBound...version,
            mergekit: mergekit,
            isReproducible: isReproducible,
            dtype: dtype
        )
    }

    /// What releases from one on compute.
    package static func since(_ version: MergekitVersion, _ mergekit: String, isReproducible: Bool = true) -> Self {
        Self(versions: version ... .newest, mergekit: mergekit, isReproducible: isReproducible, dtype: nil)
    }

    fileprivate func applies(in dtype: DType) -> Bool { self.dtype == nil || self.dtype == dtype }
}

extension MergekitVersion {
    fileprivate static let all = MergekitVersion.v014 ... .newest
}

extension Sequence<String> {
    /// The word most like `word`, if one is near enough to be what was meant.
    ///
    /// Near means: at most a third of the letters inserted, deleted, replaced or swapped with their
    /// neighbour (Damerau's restricted edit distance), case, `-` and `_` set aside.
    package func nearest(to word: String) -> String? {
        let folded = fold(word)
        guard !folded.isEmpty, folded.count <= 80 else { return nil }
        var best: (word: String, distance: Int)?
        for candidate in self {
            let other = fold(candidate)
            guard abs(other.count - folded.count) <= limit(folded, other) else { continue }
            let distance = editDistance(folded, other)
            // Where every letter differs, nothing is left of the word.
            guard distance <= limit(folded, other), distance < best?.distance ?? .max,
                distance < Swift.max(folded.count, other.count)
            else { continue }
            best = (candidate, distance)
        }
        return best?.word
    }
}

extension Diagnostic.FixIt {
    /// Suggests the word most like the one that was written, if one is near enough.
    package static func didYouMean(_ word: String, among known: some Sequence<String>) -> Diagnostic.FixIt? {
        known.nearest(to: word).map { Diagnostic.FixIt("did you mean '\($0)'?", replacing: $0) }
    }
}

private func limit(_ a: [UInt8], _ b: [UInt8]) -> Int {
    Swift.max(1, Swift.max(a.count, b.count) / 3)
}

private func fold(_ word: String) -> [UInt8] {
    word.lowercased().utf8.map { $0 == UInt8(ascii: "-") ? UInt8(ascii: "_") : $0 }
}

private func editDistance(_ a: [UInt8], _ b: [UInt8]) -> Int {
    var beforePrevious: [Int] = []
    var previous = Array(0...b.count)
    for i in a.indices {
        var current = [i + 1]
        for j in b.indices {
            var cost = Swift.min(previous[j + 1] + 1, current[j] + 1, previous[j] + (a[i] == b[j] ? 0 : 1))
            if i > 0, j > 0, a[i] == b[j - 1], a[i - 1] == b[j] { cost = Swift.min(cost, beforePrevious[j - 1] + 1) }
            current.append(cost)
        }
        (beforePrevious, previous) = (previous, current)
    }
    return previous[b.count]
}

/// Puts keys into the order in which torch leaves elements, equal ones included.
///
/// Neither `torch.sort` nor `torch.topk` keeps equal elements in their order. On a processor both are algorithms of the
/// GNU C++ library: introsort (Musser, "Introspective Sorting and Selection Algorithms", 1997), introselect, and a heap
/// where few of many are selected. What they exchange follows from comparisons alone, so the same exchanges leave the
/// same elements in front. Only what lies around the wanted places is put in order, which takes linear time.
package struct LibraryOrder: ~Copyable {
    /// The keys; the upper half of each is compared, larger ones first, and the lower half travels with it.
    package private(set) var keys: [UInt64]

    /// Takes keys in the order of the elements.
    package init(_ keys: consuming [UInt64]) {
        self.keys = keys
    }

    /// Puts the keys in order as `torch.sort` does, as far as it takes to tell what is before each of some places.
    package mutating func sort(around places: [Int]) {
        sort(0..<keys.count, places, depth: Self.depth(of: keys.count))
    }

    /// Brings the first keys to the front as `torch.topk` does.
    ///
    /// - Precondition: There are as many.
    package mutating func select(_ count: Int) {
        precondition(count >= 0 && count <= keys.count, "there are not as many keys")
        guard count > 0 else { return }
        guard count > keys.count / 64 else { return selectByHeap(0..<keys.count, count) }
        var range = 0..<keys.count
        var depth = Self.depth(of: keys.count)
        while range.count > 3 {
            guard depth > 0 else {
                selectByHeap(range, count - range.lowerBound)
                return keys.swapAt(range.lowerBound, count - 1)
            }
            depth -= 1
            let middle = split(range)
            range = middle < count ? middle..<range.upperBound : range.lowerBound..<middle
        }
        insertInOrder(range)
    }

    /// How often a range is split before a heap takes over.
    private static func depth(of count: Int) -> Int {
        count > 1 ? 2 * (Int.bitWidth - 1 - count.leadingZeroBitCount) : 0
    }

    private func isBefore(_ a: UInt64, _ b: UInt64) -> Bool { a >> 32 > b >> 32 }

    private mutating func sort(_ range: Range<Int>, _ places: [Int], depth: Int) {
        guard places.contains(where: { $0 > range.lowerBound && $0 < range.upperBound }) else { return }
        guard range.count > 16 else { return insertInOrder(range) }
        guard depth > 0 else {
            makeHeap(range)
            for end in range.reversed() where end > range.lowerBound { popHeap(range.lowerBound..<end, to: end) }
            return
        }
        let middle = split(range)
        sort(range.lowerBound..<middle, places, depth: depth - 1)
        sort(middle..<range.upperBound, places, depth: depth - 1)
    }

    /// Puts a few keys in order; equal ones keep theirs.
    private mutating func insertInOrder(_ range: Range<Int>) {
        for end in range.dropFirst() {
            let key = keys[end]
            var place = end
            while place > range.lowerBound, isBefore(key, keys[place - 1]) {
                keys[place] = keys[place - 1]
                place -= 1
            }
            keys[place] = key
        }
    }

    /// Splits a range at the median of three of its keys; returns where the second part begins.
    private mutating func split(_ range: Range<Int>) -> Int {
        let first = range.lowerBound
        moveMedian(of: first + 1, first + range.count / 2, range.upperBound - 1, to: first)
        let pivot = keys[first]
        var (low, high) = (first + 1, range.upperBound)
        while true {
            while isBefore(keys[low], pivot) { low += 1 }
            high -= 1
            while isBefore(pivot, keys[high]) { high -= 1 }
            guard low < high else { return low }
            keys.swapAt(low, high)
            low += 1
        }
    }

    private mutating func moveMedian(of a: Int, _ b: Int, _ c: Int, to place: Int) {
        let median =
            if isBefore(keys[a], keys[b]) {
                isBefore(keys[b], keys[c]) ? b : (isBefore(keys[a], keys[c]) ? c : a)
            } else {
                isBefore(keys[a], keys[c]) ? a : (isBefore(keys[b], keys[c]) ? c : b)
            }
        keys.swapAt(place, median)
    }
}

// MARK: - Heaps

extension LibraryOrder {
    /// Brings the first keys of a range to its front, by a heap whose root is the last of them.
    private mutating func selectByHeap(_ range: Range<Int>, _ count: Int) {
        let heap = range.lowerBound..<(range.lowerBound + count)
        makeHeap(heap)
        for place in heap.upperBound..<range.upperBound where isBefore(keys[place], keys[heap.lowerBound]) {
            popHeap(heap, to: place)
        }
    }

    private mutating func makeHeap(_ heap: Range<Int>) {
        guard heap.count > 1 else { return }
        for parent in (0...(heap.count - 2) / 2).reversed() { sift(keys[heap.lowerBound + parent], parent, heap) }
    }

    /// Exchanges a heap's root with the key at a place.
    private mutating func popHeap(_ heap: Range<Int>, to place: Int) {
        let key = keys[place]
        keys[place] = keys[heap.lowerBound]
        sift(key, 0, heap)
    }

    /// Puts a key into a heap that has a hole: the hole sinks to a leaf, and the key rises from there.
    private mutating func sift(_ key: UInt64, _ top: Int, _ heap: Range<Int>) {
        let (first, count) = (heap.lowerBound, heap.count)
        var hole = top
        while 2 * hole + 2 < count {
            var child = 2 * hole + 2
            if isBefore(keys[first + child], keys[first + child - 1]) { child -= 1 }
            keys[first + hole] = keys[first + child]
            hole = child
        }
        if 2 * hole + 2 == count {
            keys[first + hole] = keys[first + count - 1]
            hole = count - 1
        }
        while hole > top, isBefore(keys[first + (hole - 1) / 2], key) {
            keys[first + hole] = keys[first + (hole - 1) / 2]
            hole = (hole - 1) / 2
        }
        keys[first + hole] = key
    }
}

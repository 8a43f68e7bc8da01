/// Numbers stored in blocks of one length, each of which can be read by itself.
///
/// A format is what it asks for and a line in ``SutureTensors/DType/format``; what it has besides is a case of `DType`
/// with the same ``elementCount`` and ``byteCount``.
protocol BlockFormat: NumberFormat {
    /// The numbers in a block.
    static var elementCount: Int { get }

    /// The bytes that a block takes.
    static var byteCount: Int { get }

    /// Widens one block.
    ///
    /// - Parameters:
    ///   - block: The block's bytes.
    ///   - numbers: Where its numbers go, of which there are enough.
    ///   - first: Where the first of them goes.
    static func widen(_ block: StoredBytes, into numbers: inout MutableSpan<Float>, at first: Int)

    /// Rounds one block.
    ///
    /// - Parameters:
    ///   - numbers: Its numbers.
    ///   - block: The block's bytes, of which each must be set.
    static func narrow(_ numbers: Span<Float>, into block: StoredRoom)

    /// Whether all numbers of a block are finite.
    static func isFinite(_ block: StoredBytes) -> Bool
}

extension BlockFormat {
    static func narrow(_ numbers: Span<Float>, into block: StoredRoom) {
        preconditionFailure("no numbers are rounded to this format")
    }

    static func widen(_ source: RawSpan, into destination: inout MutableSpan<Float>) {
        let count = destination.count / elementCount
        precondition(
            destination.count == count * elementCount && source.byteCount == count * byteCount,
            "source and destination differ in length"
        )
        for number in 0..<count {
            widen(StoredBytes(source, from: number &* byteCount), into: &destination, at: number &* elementCount)
        }
    }

    static func narrow(_ source: Span<Float>, into destination: inout MutableRawSpan, at offset: Int) {
        let count = source.count / elementCount
        precondition(source.count == count * elementCount, "the numbers end inside a block")
        precondition(offset >= 0 && destination.byteCount - offset >= count * byteCount, "the destination is too short")
        unsafe destination.withUnsafeMutableBytes { bytes in
            guard let start = bytes.baseAddress else { return }
            for number in 0..<count {
                let room = unsafe StoredRoom(start + offset + number &* byteCount, count: byteCount)
                let first = number &* elementCount
                narrow(source.extracting(first..<first &+ elementCount), into: room)
            }
        }
    }

    static func firstNonfinite(_ source: RawSpan) -> Int? {
        (0..<source.byteCount / byteCount).first { !isFinite(StoredBytes(source, from: $0 &* byteCount)) }
            .map { $0 &* elementCount }
    }
}

/// The bytes of one block that is being read.
///
/// Whoever makes it knows that the block is there whole, and formats name no byte behind it.
struct StoredBytes: ~Escapable {
    private let bytes: RawSpan
    private let start: Int

    @_lifetime(copy bytes)
    init(_ bytes: RawSpan, from start: Int) {
        self.bytes = bytes
        self.start = start
    }

    /// A byte.
    subscript(place: Int) -> UInt8 {
        unsafe bytes.unsafeLoad(fromUncheckedByteOffset: start &+ place, as: UInt8.self)
    }

    /// A number in binary16 that begins at a byte.
    func half(at place: Int) -> Float {
        unsafe bytes.unsafeLoadUnaligned(fromUncheckedByteOffset: start &+ place, as: Half.self).widened
    }
}

/// The bytes of one block that is being written, zeros at first.
///
/// Whoever makes it knows that there is room for the block, and formats name no byte behind it.
@safe
struct StoredRoom {
    private let start: UnsafeMutableRawPointer

    init(_ start: UnsafeMutableRawPointer, count: Int) {
        unsafe self.start = start
        unsafe start.initializeMemory(as: UInt8.self, repeating: 0, count: count)
    }

    /// A byte.
    subscript(place: Int) -> UInt8 {
        get { unsafe start.load(fromByteOffset: place, as: UInt8.self) }
        nonmutating set { unsafe start.storeBytes(of: newValue, toByteOffset: place, as: UInt8.self) }
    }

    /// Rounds a number to binary16 and keeps it from a byte on.
    ///
    /// - Returns: The number that is kept.
    @discardableResult
    func setHalf(_ value: Float, at place: Int) -> Float {
        let half = Half(rounding: value)
        self[place] = UInt8(truncatingIfNeeded: half.bits)
        self[place + 1] = UInt8(truncatingIfNeeded: half.bits >> 8)
        return half.widened
    }
}

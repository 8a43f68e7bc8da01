import CXXHash

/// Takes bytes in any number of parts and gives their ``ContentHash``.
@safe package struct ContentHasher: ~Copyable, Sendable {
    /// Where the state is: a number, as a pointer may not go from thread to thread, and its only owner may.
    private let address: UInt

    private var state: OpaquePointer? { unsafe OpaquePointer(bitPattern: address) }

    /// Begins with no bytes.
    package init() {
        // The allocation is half a kilobyte; where even that fails, nothing else could go on either.
        guard let state = unsafe XXH3_createState() else { preconditionFailure("no memory for a hash") }
        address = UInt(bitPattern: state)
        unsafe _ = XXH3_128bits_reset(state)
    }

    deinit {
        unsafe _ = XXH3_freeState(state)
    }

    /// Adds bytes.
    package mutating func update(_ bytes: UnsafeRawBufferPointer) {
        guard let start = bytes.baseAddress else { return }
        unsafe _ = XXH3_128bits_update(state, start, bytes.count)
    }

    /// Adds bytes.
    package mutating func update(_ bytes: [UInt8]) {
        unsafe bytes.withUnsafeBytes { unsafe update($0) }
    }

    /// The hash of all bytes so far.
    package func finish() -> ContentHash {
        let hash = unsafe XXH3_128bits_digest(state)
        return ContentHash(high: hash.high64, low: hash.low64)
    }
}

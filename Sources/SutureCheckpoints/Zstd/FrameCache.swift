import Synchronization
import SystemPackage

/// Restored frames of which only a part has been asked for so far; the oldest go when there are too many.
package final class FrameCache: Sendable {
    /// The most bytes of a cache that a reader makes for itself.
    package static let usualByteLimit = 64 << 20

    struct Key: Hashable {
        let file: FilePath
        let version: ByteVersion
        let frame: Int
    }

    private struct Held {
        var frames: [Key: [UInt8]] = [:]
        var order: [Key] = []
        var byteCount = 0
    }

    private let byteLimit: Int
    private let held = Mutex(Held())

    /// Creates a cache of a number of bytes.
    package init(byteLimit: Int = usualByteLimit) { self.byteLimit = byteLimit }

    /// The content of a frame, restored where it is not at hand.
    func content(_ key: Key, restore: () throws(FileError) -> [UInt8]) throws(FileError) -> [UInt8] {
        if let known = held.withLock({ $0.frames[key] }) { return known }
        let content = try restore()
        held.withLock { held in
            // Another thread may have been faster.
            guard held.frames[key] == nil else { return }
            held.frames[key] = content
            held.order.append(key)
            held.byteCount += content.count
            while held.byteCount > byteLimit, !held.order.isEmpty {
                let oldest = held.frames.removeValue(forKey: held.order.removeFirst())
                held.byteCount -= oldest?.count ?? 0
            }
        }
        return content
    }
}

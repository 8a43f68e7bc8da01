/// What a display of progress may hear; sent from the threads that do the work.
package enum ExecutionEvent: Hashable, Sendable {
    /// The work begins.
    ///
    /// - Parameters:
    ///   - totalBytes: The bytes of all weight files.
    ///   - doneBytes: How many of them an earlier run left.
    case started(totalBytes: Int, doneBytes: Int)

    /// So many more bytes of weight files have been written.
    case wrote(bytes: Int)

    /// So many more bytes of weight files share their blocks with a source.
    case shared(bytes: Int)

    /// A weight file is whole and on the disk.
    case shardFinished(name: String)

    /// Everything is written and gets its final name.
    case publishing
}

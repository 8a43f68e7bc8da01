import Synchronization
import SutureCheckpoints
import SutureTestSupport
import SystemPackage
import Testing

@Suite("Files")
struct FilesTests {
    /// System calls that move at most three bytes at a time and are interrupted every other time.
    static func stubborn() -> FileCalls {
        let system = FileCalls.system
        let count = Atomic<Int>(0)
        let box = Counter(count)
        var calls = system
        calls.read = { box.isTurn() ? -4 : system.read($0, UnsafeMutableRawBufferPointer(rebasing: $1.prefix(3)), $2) }
        calls.write = { box.isTurn() ? -4 : system.write($0, UnsafeRawBufferPointer(rebasing: $1.prefix(3)), $2) }
        return calls
    }

    final class Counter: Sendable {
        private let count: Atomic<Int>

        init(_ count: consuming Atomic<Int>) { self.count = count }

        func isTurn() -> Bool { count.wrappingAdd(1, ordering: .relaxed).newValue % 2 == 0 }
    }

    @Test("are written and read whole, however little the system moves at a time")
    func shortMoves() throws {
        try TemporaryDirectory.with { folder in
            let path = folder.appending("x")
            let bytes = (0..<100).map { UInt8($0) }
            let output = try OutputFile.create(path, byteCount: 100, calls: Self.stubborn())
            try output.writer.write(Array(bytes[50...]), at: 50)
            try output.writer.write(Array(bytes[..<50]), at: 0)
            try output.finish()
            #expect(try InputFile(path, calls: Self.stubborn()).read(0..<100) == bytes)
            #expect(try InputFile(path).read(7..<9) == [7, 8])
        }
    }

    @Test("that are not finished leave nothing behind")
    func unfinished() throws {
        try TemporaryDirectory.with { folder in
            do {
                let output = try OutputFile.create(folder.appending("x"), byteCount: 10)
                try output.writer.write([1, 2, 3], at: 0)
            }
            #expect(try FileSystem.list(folder).isEmpty)
        }
    }

    @Test("that are left can be gone on with, and stay when that fails too")
    func reopened() throws {
        try TemporaryDirectory.with { folder in
            let path = folder.appending("x")
            let output = try OutputFile.create(path, byteCount: 4)
            try output.writer.write([1, 2], at: 0)
            output.leave()
            do {
                let again = try OutputFile.reopen(path, byteCount: 4)
                try again.writer.write([3], at: 2)
            }
            #expect(try FileSystem.read(path) == [1, 2, 3, 0])
            #expect(throws: FileError(.open, path, .endsEarly(byteCount: 4))) {
                _ = try OutputFile.reopen(path, byteCount: 5)
            }
            #expect(throws: FileError(.open, path, .tooLarge(limit: 3))) {
                _ = try OutputFile.reopen(path, byteCount: 3)
            }
        }
    }

    @Test("are not created where something is")
    func exclusive() throws {
        try TemporaryDirectory.with { folder in
            let path = folder.appending("x")
            try FileSystem.write("kept", to: path)
            #expect(throws: FileError(.create, path, .fileExists)) { _ = try OutputFile.create(path, byteCount: 1) }
            #expect(try FileSystem.read(path) == Array("kept".utf8))
        }
    }

    @Test("tell which step the system refused", arguments: [Errno.noSpace, .ioError, .readOnlyFileSystem])
    func refused(errno: Errno) throws {
        try TemporaryDirectory.with { folder in
            let path = folder.appending("x")
            var calls = FileCalls.system
            calls.write = { _, _, _ in -Int(errno.rawValue) }
            let failing = calls
            #expect(throws: FileError(.write, path, errno)) {
                let output = try OutputFile.create(path, byteCount: 1, calls: failing)
                try output.writer.write([1], at: 0)
                try output.finish()
            }
            calls = .system
            calls.sync = { _ in -Int(errno.rawValue) }
            let unsynced = calls
            #expect(throws: FileError(.sync, path, errno)) {
                try OutputFile.create(path, byteCount: 1, calls: unsynced).finish()
            }
            calls = .system
            calls.allocate = { _, _ in -Int(errno.rawValue) }
            let full = calls
            #expect(throws: FileError(.resize, path, errno)) {
                _ = try OutputFile.create(path, byteCount: 1, calls: full)
            }
            let left = try FileSystem.list(folder)
            #expect(left.isEmpty)
        }
    }

    @Test("have their length where the system cannot allocate ahead")
    func noAllocation() throws {
        try TemporaryDirectory.with { folder in
            let path = folder.appending("x")
            var calls = FileCalls.system
            calls.allocate = { _, _ in -Int(Errno.notSupported.rawValue) }
            try OutputFile.create(path, byteCount: 1000, calls: calls).finish()
            #expect(try InputFile(path).byteCount == 1000)
        }
    }

    @Test("end where they end")
    func pastEnd() throws {
        try TemporaryDirectory.with { folder in
            let path = folder.appending("x")
            try FileSystem.write([1, 2, 3], to: path)
            let file = try InputFile(path)
            #expect(throws: FileError(.read, path, .endsEarly(byteCount: 3))) { try file.read(2..<5) }
            #expect(throws: FileError(.read, path, .endsEarly(byteCount: 3))) { try file.read(0..<Int.max) }
            var buffer = [UInt8](repeating: 0, count: 8)
            #expect(throws: FileError(.read, path, .endsEarly(byteCount: 3))) {
                try buffer.withUnsafeMutableBytes { try file.read(into: $0, at: 0) }
            }
            #expect(throws: FileError(.read, path, .tooLarge(limit: 2))) { try FileSystem.read(path, limit: 2) }
            #expect(throws: FileError(.open, folder, .isDirectory)) { _ = try InputFile(folder) }
            #expect(throws: FileError(.open, "/dev/null", .invalidArgument)) { _ = try InputFile("/dev/null") }
        }
    }
}

@Suite("Folders")
struct FoldersTests {
    @Test("are made with those above, listed, exchanged and removed")
    func life() throws {
        try TemporaryDirectory.with { folder in
            let deep = folder.pushing("a/b/c")
            try FileSystem.createFolders(deep)
            try FileSystem.createFolders(deep)
            try FileSystem.write("1", to: deep.appending("one"))
            try FileSystem.write("2", to: folder.appending("two"))
            try FileSystem.createSymbolicLink(deep.appending("link"), to: "../../../two")
            #expect(try FileSystem.list(deep) == ["link", "one"])
            #expect(try FileSystem.kind(of: deep.appending("link")) == .file)
            #expect(try FileSystem.kind(of: deep.appending("link"), followsLinks: false) == .symbolicLink)
            #expect(try FileSystem.resolve(deep.appending("link")) == FileSystem.resolve(folder.appending("two")))

            try FileSystem.exchange(folder.appending("a"), folder.appending("two"))
            #expect(try FileSystem.kind(of: folder.appending("two")) == .folder)
            #expect(throws: FileError(.rename, folder.appending("a"), .fileExists)) {
                try FileSystem.renameExclusively(folder.appending("a"), to: folder.appending("two"))
            }
            try FileSystem.removeTree(folder.appending("two"))
            // The link was removed, and not what it led to.
            #expect(try FileSystem.read(folder.appending("a")) == Array("2".utf8))
            #expect(try FileSystem.list(folder) == ["a"])
            #expect(throws: FileError(.create, folder.appending("a"), .notDirectory)) {
                try FileSystem.createFolders(folder.appending("a"))
            }
        }
    }

    @Test("are locked by one at a time, who is named to the other")
    func locks() throws {
        try TemporaryDirectory.with { folder in
            let path = folder.appending("lock")
            do {
                guard case .taken(let lock) = try FolderLock.take(path, holder: "me, since noon") else {
                    Issue.record("a free lock was not taken")
                    return
                }
                switch try FolderLock.take(path, holder: "you") {
                case .taken: Issue.record("a lock was taken twice")
                case .held(let holder): #expect(holder == "me, since noon")
                }
                #expect(lock.path == path)
            }
            guard case .taken = try FolderLock.take(path, holder: "you") else {
                Issue.record("a lock outlived its holder")
                return
            }
            #expect(try FileSystem.read(path) == Array("you".utf8))
        }
    }

    @Test("take files over by copy and by link")
    func copies() throws {
        try TemporaryDirectory.with { folder in
            let bytes = (0..<3_000_000).map { UInt8(truncatingIfNeeded: $0 &* 31) }
            try FileSystem.write(bytes, to: folder.appending("a"))
            try FileSystem.copy(folder.appending("a"), to: folder.appending("b"))
            try FileSystem.link(folder.appending("a"), at: folder.appending("c"))
            #expect(try FileSystem.read(folder.appending("b")) == bytes)
            let a = try #require(try FileSystem.identity(of: folder.appending("a")))
            let b = try #require(try FileSystem.identity(of: folder.appending("b")))
            let c = try #require(try FileSystem.identity(of: folder.appending("c")))
            #expect(a.isSameFile(as: c))
            #expect(!a.isSameFile(as: b))
        }
    }
}

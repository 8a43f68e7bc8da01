import SutureDiagnostics
import SutureTensors

/// Reads the pickle of a state dict, and executes nothing.
///
/// A closed list of opcodes and names (those of torch's own weights-only reader) builds inert values; all else is
/// refused by name. Memory is bounded by the pickle's length: each opcode adds at most as much as it has bytes,
/// and a value that is pushed again from the memo is a copy of a few words.
struct PickleMachine {
    /// The longest pickle that is read: names and shapes of millions of tensors.
    static let byteLimit = 64 << 20

    /// What a container holds: items, or keys and values in turn.
    private(set) var containers: [[PickleValue]] = []
    private(set) var storages: [TorchStorage] = []
    private(set) var tensors: [TorchTensor] = []

    /// Where the next opcode is; after ``run()`` the first byte behind the pickle.
    private(set) var place: Int

    private let bytes: [UInt8]
    private var stack: [PickleValue] = []
    private var marks: [Int] = []
    private var memo: [UInt32: PickleValue] = [:]
    private var itemCount = 0

    /// Some 60 values a tensor, and 24 bytes a value: a hundred thousand tensors, 200 MB at the worst.
    private static let mostItems = 8_000_000

    /// Begins a pickle.
    ///
    /// - Parameters:
    ///   - bytes: What holds it.
    ///   - place: Its first byte among them.
    init(_ bytes: [UInt8], from place: Int = 0) {
        self.bytes = bytes
        self.place = place
    }

    /// Runs to the end.
    ///
    /// - Returns: The value that the pickle is.
    /// - Throws: ``PickleError`` naming what cannot be read.
    mutating func run() throws(PickleError) -> PickleValue {
        while true {
            let start = place
            let code = try byte()
            guard let opcode = PickleOpcode(rawValue: code) else { throw PickleError(.opcode(code), at: start) }
            if opcode == .stop { return try pop() }
            do throws(PickleError) { try step(opcode) } catch { throw error.located(start) }
        }
    }

    private mutating func step(_ opcode: PickleOpcode) throws(PickleError) {
        switch opcode {
        case .proto:
            let version = try byte()
            guard version == 2 else { throw PickleError(.version(version)) }
        case .stop: break
        case .mark: marks.append(stack.count)
        case .none: try push(.none)
        case .newTrue: try push(.bool(true))
        case .newFalse: try push(.bool(false))
        case .binInt: try push(.int(Int(Int32(truncatingIfNeeded: try number(4)))))
        case .binInt1: try push(.int(try number(1)))
        case .binInt2: try push(.int(try number(2)))
        case .long1: try push(try long())
        case .binFloat:
            _ = try take(8)
            try push(.number)
        case .binUnicode: try push(.text(try text(Int(try number(4)))))
        case .shortBinString: try push(.text(try text(Int(try number(1)))))
        case .binPut: memo[UInt32(try number(1))] = try top()
        case .longBinPut: memo[UInt32(try number(4))] = try top()
        case .binGet: try push(try recall(UInt32(try number(1))))
        case .longBinGet: try push(try recall(UInt32(try number(4))))
        case .emptyTuple: try push(.tuple(try container([])))
        case .tuple: try push(.tuple(try container(try popToMark())))
        case .tuple1: try push(.tuple(try container(try pop(1))))
        case .tuple2: try push(.tuple(try container(try pop(2))))
        case .tuple3: try push(.tuple(try container(try pop(3))))
        case .emptyList, .emptySet: try push(.list(try container([])))
        case .emptyDict: try push(.dict(try container([])))
        case .append: try extend(with: try pop(1), isDict: false)
        case .appends: try extend(with: try popToMark(), isDict: false)
        case .setItem: try extend(with: try pop(2), isDict: true)
        case .setItems: try extend(with: try popToMark(), isDict: true)
        case .global: try push(.name(try global()))
        case .reduce, .newObject:
            let arguments = try items(of: try pop())
            guard case .name(let name) = try pop() else { throw PickleError(.misuse("what is called is no name")) }
            try push(try call(name, arguments))
        case .build:
            // The state of a dict or a tensor: metadata that weights do not need.
            _ = try pop()
            switch try top() {
            case .dict, .tensor: break
            default: throw PickleError(.misuse("only a dict may have a state"))
            }
        case .binPersID: try push(try storage(try items(of: try pop())))
        }
    }

    // MARK: - The stack

    private mutating func push(_ value: PickleValue) throws(PickleError) {
        try count(1)
        stack.append(value)
    }

    private func top() throws(PickleError) -> PickleValue {
        guard let value = stack.last, stack.count > marks.last ?? 0 else {
            throw PickleError(.misuse("the stack is empty"))
        }
        return value
    }

    private mutating func pop() throws(PickleError) -> PickleValue {
        let value = try top()
        stack.removeLast()
        return value
    }

    private mutating func pop(_ count: Int) throws(PickleError) -> [PickleValue] {
        guard stack.count - (marks.last ?? 0) >= count else { throw PickleError(.misuse("the stack is empty")) }
        defer { stack.removeLast(count) }
        return Array(stack.suffix(count))
    }

    private mutating func popToMark() throws(PickleError) -> [PickleValue] {
        guard let mark = marks.popLast() else { throw PickleError(.misuse("there is no mark")) }
        defer { stack.removeSubrange(mark...) }
        return Array(stack[mark...])
    }

    private func recall(_ key: UInt32) throws(PickleError) -> PickleValue {
        guard let value = memo[key] else { throw PickleError(.misuse("nothing is kept under \(key)")) }
        return value
    }

    /// Counts what is held, so that no pickle takes more memory than a few times that of the largest real one.
    private mutating func count(_ items: Int) throws(PickleError) {
        itemCount += items
        guard itemCount <= Self.mostItems else { throw PickleError(.tooLarge) }
    }

    // MARK: - Containers

    private mutating func container(_ items: [PickleValue]) throws(PickleError) -> Int {
        try count(items.count + 1)
        containers.append(items)
        return containers.count - 1
    }

    private func items(of value: PickleValue) throws(PickleError) -> [PickleValue] {
        guard case .tuple(let index) = value else { throw PickleError(.misuse("a tuple is missing")) }
        return containers[index]
    }

    private mutating func extend(with items: [PickleValue], isDict: Bool) throws(PickleError) {
        try count(items.count)
        switch try top() {
        case .dict(let index) where isDict && items.count.isMultiple(of: 2): containers[index] += items
        case .list(let index) where !isDict: containers[index] += items
        default: throw PickleError(.misuse(isDict ? "what gets items is no dict" : "what is appended to is no list"))
        }
    }

    // MARK: - Bytes

    private mutating func byte() throws(PickleError) -> UInt8 {
        guard place < bytes.count else { throw PickleError(.endsEarly, at: place) }
        defer { place += 1 }
        return bytes[place]
    }

    private mutating func take(_ count: Int) throws(PickleError) -> ArraySlice<UInt8> {
        guard count >= 0, count <= bytes.count - place else { throw PickleError(.endsEarly) }
        defer { place += count }
        return bytes[place..<place + count]
    }

    private mutating func number(_ width: Int) throws(PickleError) -> Int {
        try take(width).reversed().reduce(0) { $0 << 8 | Int($1) }
    }

    private mutating func long() throws(PickleError) -> PickleValue {
        let digits = try take(Int(try byte()))
        guard digits.count <= 8 else { return .number }
        let isNegative = digits.last.map { $0 & 0x80 != 0 } ?? false
        let bits = digits.reversed().reduce(isNegative ? UInt64.max : 0) { $0 << 8 | UInt64($1) }
        return .int(Int(truncatingIfNeeded: bits))
    }

    private mutating func text(_ count: Int) throws(PickleError) -> String {
        guard let text = String(validating: try take(count), as: UTF8.self) else {
            throw PickleError(.misuse("a text is no UTF-8"))
        }
        return text
    }

    private mutating func line() throws(PickleError) -> String {
        guard let end = bytes[place...].prefix(1000).firstIndex(of: 10) else { throw PickleError(.endsEarly) }
        let text = try text(end - place)
        place += 1
        return text
    }

    // MARK: - Names

    private mutating func global() throws(PickleError) -> PickleName {
        let (module, name) = (try line(), try line())
        guard let known = PickleName(module: module, name: name) else {
            throw PickleError(.name(module + "." + name))
        }
        return known
    }

    private mutating func call(_ name: PickleName, _ arguments: [PickleValue]) throws(PickleError) -> PickleValue {
        switch name {
        case .orderedDict: return try orderedDict(arguments)
        case .rebuildTensor, .rebuildTensorWithDType: return try tensor(arguments, hasDType: name != .rebuildTensor)
        case .rebuildParameter:
            guard case .tensor? = arguments.first else { throw PickleError(.misuse("a parameter is no tensor")) }
            return arguments[0]
        case .size:
            guard case .tuple? = arguments.first else { throw PickleError(.misuse("a size is no tuple")) }
            return arguments[0]
        case .encode: return .none
        case .storage, .dtype: throw PickleError(.misuse("a type is called"))
        }
    }

    private mutating func orderedDict(_ arguments: [PickleValue]) throws(PickleError) -> PickleValue {
        var members: [PickleValue] = []
        if let first = arguments.first {
            guard case .list(let index) = first else { throw PickleError(.misuse("a dict is made of no list")) }
            for pair in containers[index] {
                let items: [PickleValue]
                switch pair {
                case .tuple(let index), .list(let index): items = containers[index]
                default: items = []
                }
                guard items.count == 2 else { throw PickleError(.misuse("a dict is made of no pairs")) }
                members += items
            }
        }
        return .dict(try container(members))
    }

    private mutating func storage(_ id: [PickleValue]) throws(PickleError) -> PickleValue {
        // Torch before 1.6 added what part of another storage it is, which is nothing for weights.
        if id.count == 6 {
            guard case .none = id[5] else { throw PickleError(.misuse("a storage is a part of another")) }
        }
        guard id.count == 5 || id.count == 6, case .text("storage") = id[0], case .name(.storage(let dtype)) = id[1],
            case .text(let key) = id[2], case .int(let count) = id[4], count >= 0
        else { throw PickleError(.misuse("a persistent id is no storage")) }
        try self.count(8)
        storages.append(TorchStorage(dtype: dtype, key: key, count: count))
        return .storage(storages.count - 1)
    }

    private mutating func tensor(_ arguments: [PickleValue], hasDType: Bool) throws(PickleError) -> PickleValue {
        guard arguments.count >= (hasDType ? 7 : 6), case .storage(let index) = arguments[0],
            case .int(let offset) = arguments[1], offset >= 0, let sizes = numbers(arguments[2]),
            let strides = numbers(arguments[3]), sizes.count == strides.count
        else { throw PickleError(.misuse("a tensor is rebuilt from something else")) }
        let storage = storages[index]
        var dtype = storage.dtype
        if hasDType {
            guard case .name(.dtype(let named)) = arguments[6] else { throw PickleError(.misuse("a dtype is missing")) }
            dtype = named
        }
        guard let dtype else { throw PickleError(.misuse("a tensor of bytes has no dtype")) }
        try count(16 + 2 * sizes.count)
        tensors.append(TorchTensor(storage: storage, dtype: dtype, offset: offset, sizes: sizes, strides: strides))
        return .tensor(tensors.count - 1)
    }

    /// The numbers of a tuple, none of them negative, at most 64.
    private func numbers(_ value: PickleValue) -> [Int]? {
        guard case .tuple(let index) = value, containers[index].count <= 64 else { return nil }
        var numbers: [Int] = []
        for item in containers[index] {
            guard case .int(let number) = item, number >= 0 else { return nil }
            numbers.append(number)
        }
        return numbers
    }
}

/// The opcodes that state dicts need, of pickle protocol 2.
enum PickleOpcode: UInt8 {
    case proto = 0x80
    case stop = 0x2E
    case mark = 0x28
    case none = 0x4E
    case newTrue = 0x88
    case newFalse = 0x89
    case binInt = 0x4A
    case binInt1 = 0x4B
    case binInt2 = 0x4D
    case long1 = 0x8A
    case binFloat = 0x47
    case binUnicode = 0x58
    case shortBinString = 0x55
    case binPut = 0x71
    case longBinPut = 0x72
    case binGet = 0x68
    case longBinGet = 0x6A
    case emptyTuple = 0x29
    case tuple = 0x74
    case tuple1 = 0x85
    case tuple2 = 0x86
    case tuple3 = 0x87
    case emptyList = 0x5D
    case emptySet = 0x8F
    case emptyDict = 0x7D
    case append = 0x61
    case appends = 0x65
    case setItem = 0x73
    case setItems = 0x75
    case global = 0x63
    case reduce = 0x52
    case newObject = 0x81
    case build = 0x62
    case binPersID = 0x51
}

/// Why a pickle is not read.
struct PickleError: Error, Hashable, CustomStringConvertible {
    enum Reason: Hashable {
        case opcode(UInt8)
        case version(UInt8)
        case name(String)
        case misuse(String)
        case endsEarly
        case tooLarge
    }

    let reason: Reason
    private(set) var place: Int?

    init(_ reason: Reason, at place: Int? = nil) {
        self.reason = reason
        self.place = place
    }

    func located(_ place: Int) -> PickleError { PickleError(reason, at: self.place ?? place) }

    var description: String {
        let where_ = place.map { " (byte \($0) of the pickle)" } ?? ""
        switch reason {
        case .opcode(let code): return "opcode 0x\(String(code, radix: 16)) is not one that state dicts need" + where_
        case .version(let version): return "it is of pickle protocol \(version), and torch writes 2" + where_
        case .name(let name):
            return "it calls '\(excerpt(name))', which is not one of the names that weights need" + where_
        case .misuse(let fault): return fault + where_
        case .endsEarly: return "it ends early" + where_
        case .tooLarge: return "it holds more values than the state dict of any model" + where_
        }
    }
}

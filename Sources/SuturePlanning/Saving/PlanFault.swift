import SutureCheckpoints
import SutureJSON
import SutureTensors

/// What is wrong with a value in a plan's text, and the path to it.
struct PlanFault: Error {
    /// The keys and places from the innermost out.
    private var steps: [String] = []

    private let message: String

    init(_ message: String) {
        self.message = message
    }

    /// The same fault, seen from one level further out.
    func under(_ step: String) -> PlanFault {
        var fault = self
        fault.steps.append(step)
        return fault
    }

    /// The fault in words, with its path from the top: `tensors[3].tree.scaled: …`.
    var description: String {
        let path = steps.reversed().reduce(into: "") { path, step in
            path += path.isEmpty || step.hasPrefix("[") ? step : ".\(step)"
        }
        return path.isEmpty ? message : "\(path): \(message)"
    }
}

extension JSONValue {
    /// The object that it must be.
    func wantObject() throws(PlanFault) -> JSONObject {
        guard let object else { throw PlanFault("expected an object, found \(kind)") }
        return object
    }

    /// The string that it must be.
    func wantString() throws(PlanFault) -> String {
        guard let string else { throw PlanFault("expected a string, found \(kind)") }
        return string
    }

    /// The whole number that it must be.
    func wantInt() throws(PlanFault) -> Int {
        guard case .number(let text) = self else { throw PlanFault("expected a whole number, found \(kind)") }
        guard let number = Int(text) else { throw PlanFault("'\(text.prefix(40))' is no whole number of 64 bits") }
        return number
    }

    /// The number from 0 on that it must be.
    func wantNatural() throws(PlanFault) -> Int {
        let number = try wantInt()
        guard number >= 0 else { throw PlanFault("\(number) is less than 0") }
        return number
    }

    /// The number that it must be.
    func wantDouble() throws(PlanFault) -> Double {
        guard let double else { throw PlanFault("expected a number, found \(kind)") }
        return double
    }

    /// The truth value that it must be.
    func wantBool() throws(PlanFault) -> Bool {
        guard let bool else { throw PlanFault("expected true or false, found \(kind)") }
        return bool
    }

    /// The dtype that it must name.
    func wantDType() throws(PlanFault) -> DType {
        let name = try wantString()
        guard let dtype = DType(rawValue: name) else { throw PlanFault("there is no dtype '\(name.prefix(40))'") }
        return dtype
    }

    /// The list that it must be, each element read.
    func wantList<Element>(
        _ read: (JSONValue) throws(PlanFault) -> Element
    ) throws(PlanFault) -> [Element] {
        guard let array else { throw PlanFault("expected a list, found \(kind)") }
        var elements: [Element] = []
        elements.reserveCapacity(array.count)
        for (place, value) in array.enumerated() {
            do throws(PlanFault) { elements.append(try read(value)) } catch { throw error.under("[\(place)]") }
        }
        return elements
    }

    /// The range that a list of its two bounds must say.
    func wantRange() throws(PlanFault) -> Range<Int> {
        let bounds = try wantList { (value) throws(PlanFault) in try value.wantNatural() }
        guard bounds.count == 2, bounds[0] <= bounds[1] else {
            throw PlanFault("expected the two bounds of a range, the lower one first")
        }
        return bounds[0]..<bounds[1]
    }

    /// The shape that a list of lengths must say.
    func wantShape() throws(PlanFault) -> Shape {
        Shape(try wantList { (value) throws(PlanFault) in try value.wantNatural() })
    }
}

extension JSONObject {
    /// The value of a key that must be there, read.
    func want<Value>(
        _ key: String,
        _ read: (JSONValue) throws(PlanFault) -> Value
    ) throws(PlanFault) -> Value {
        guard let value = self[key] else { throw PlanFault("'\(key)' is missing") }
        do throws(PlanFault) { return try read(value) } catch { throw error.under(key) }
    }

    /// The value of a key that may be missing or null, read.
    func may<Value>(
        _ key: String,
        _ read: (JSONValue) throws(PlanFault) -> Value
    ) throws(PlanFault) -> Value? {
        guard let value = self[key], value != .null else { return nil }
        do throws(PlanFault) { return try read(value) } catch { throw error.under(key) }
    }

    func string(_ key: String) throws(PlanFault) -> String {
        try want(key) { (value) throws(PlanFault) in try value.wantString() }
    }

    func natural(_ key: String) throws(PlanFault) -> Int {
        try want(key) { (value) throws(PlanFault) in try value.wantNatural() }
    }

    func int(_ key: String) throws(PlanFault) -> Int {
        try want(key) { (value) throws(PlanFault) in try value.wantInt() }
    }

    func double(_ key: String) throws(PlanFault) -> Double {
        try want(key) { (value) throws(PlanFault) in try value.wantDouble() }
    }

    func bool(_ key: String) throws(PlanFault) -> Bool {
        try want(key) { (value) throws(PlanFault) in try value.wantBool() }
    }

    func optionalString(_ key: String) throws(PlanFault) -> String? {
        try may(key) { (value) throws(PlanFault) in try value.wantString() }
    }

    /// Name, dtype and shape.
    func spec() throws(PlanFault) -> TensorSpec {
        let name = try string("name")
        let dtype = try want("dtype") { (value) throws(PlanFault) in try value.wantDType() }
        let shape = try want("shape") { (value) throws(PlanFault) in try value.wantShape() }
        do throws(TensorSpecError) { return try TensorSpec(name, dtype, shape) } catch {
            throw PlanFault(error.description)
        }
    }
}

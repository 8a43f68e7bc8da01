import SutureDiagnostics
import SutureRecipes
import Testing

@Suite("Expressions")
struct ExpressionTests {
    /// The value of an expression under `let`, where names are 7 (n) and 32 layers (base.layers).
    private func outcome(_ text: String) throws -> Result<ExpressionValue, ExpressionError> {
        let recipe = """
            slicegraph: 1
            inputs: {base: o/m}
            params: {n: 7}
            let:
              x: "${\(text)}"
            graph: {out: {slice: "base[0:x]"}}
            """
        let reading = read(recipe)
        let definition = try #require(reading.graph?.definitions.first, "\(reading.drawn)")
        let values: [String: ExpressionValue] = ["n": .integer(7), "base.layers": .integer(32)]
        return Result { () throws(ExpressionError) in
            try definition.expression.value.evaluate { values[$0] }
        }
    }

    static let values: [(String, ExpressionValue)] = [
        ("1 + 2 * 3", .integer(7)), ("(1 + 2) * 3", .integer(9)), ("7 / 2", .number(3.5)), ("6 / 2", .number(3)),
        ("7 // 2", .integer(3)), ("-7 // 2", .integer(-4)), ("7 // -2", .integer(-4)), ("-7 % 3", .integer(2)),
        ("7 % -3", .integer(-2)), ("7.5 // 2", .number(3)), ("-7.5 % 2", .number(0.5)), ("2 - -3", .integer(5)),
        ("--2", .integer(2)), ("-n + 1", .integer(-6)), ("round(base.layers * 3 / 4)", .integer(24)),
        ("round(2.5)", .integer(2)), ("round(3.5)", .integer(4)), ("floor(-0.5)", .integer(-1)),
        ("ceil(0.1)", .integer(1)), ("sqrt(16)", .number(4)), ("abs(-3)", .integer(3)), ("abs(-0.5)", .number(0.5)),
        ("min(3, 1.5, 2)", .number(1.5)), ("max(3, 1.5)", .integer(3)), ("len('abcd')", .integer(4)),
        ("1 < 2 and 2 < 3", .boolean(true)), ("not 1 == 1.0", .boolean(false)), ("true or 1 / 0 > 1", .boolean(true)),
        ("false and 1 / 0 > 1", .boolean(false)), ("1 == 'a'", .boolean(false)), ("'a' != 'b'", .boolean(true)),
        ("1e-3 * 1000", .number(1)), (".5 + 1.", .number(1.5)), ("1_000", .integer(1000)),
        ("${n} + 1", .integer(8)), ("2 <= 2", .boolean(true)), ("3 >= 4", .boolean(false)),
    ]

    @Test("have the values that Python gives them", arguments: values)
    func haveValues(text: String, value: ExpressionValue) throws {
        #expect(try outcome(text) == .success(value))
    }

    static let errors: [(String, ExpressionError)] = [
        ("1 / 0", .divisionByZero), ("1 // 0", .divisionByZero), ("1 % 0.0", .divisionByZero),
        ("9223372036854775807 + 1", .overflow("+")), ("-9223372036854775807 - 2", .overflow("-")),
        ("(-9223372036854775807 - 1) // -1", .overflow("//")), ("abs(-9223372036854775807 - 1)", .overflow("-")),
        ("4611686018427387904 * 2", .overflow("*")), ("1e300 * 1e300", .overflow("*")),
        ("round(1e300)", .overflow("round")),
        ("sqrt(-1)", .undefined("-1.0 has no square root")),
        ("1 + true", .wrongType("+", found: "the truth value true")),
        ("not 1", .wrongType("not", found: "the number 1")), ("1 and true", .wrongType("and", found: "the number 1")),
        ("len(5)", .wrongType("len", found: "the number 5")), ("min('a')", .wrongType("min", found: "the text 'a'")),
        ("-'a'", .wrongType("-", found: "the text 'a'")),
    ]

    @Test("say why they have none", arguments: errors)
    func sayWhyNot(text: String, error: ExpressionError) throws {
        #expect(try outcome(text) == .failure(error))
    }

    static let printed = [
        "1 + 2 * 3", "(1 + 2) * 3", "n - (1 - 2)", "n - 1 - 2", "-n * 2", "-(n + 1)", "not (n < 1 or n > 2)",
        "(n < 1) == true", "max(n, 2) // 3", "round(n / 2)", "n < 1 and not n == 2", "'a' != \"it's\"",
        "(not true) == false",
        "2 - -3", "n % (2 * 3)", "1.5 + 1e-07",
    ]

    @Test("are printed with no more parentheses than they need, and read back the same", arguments: printed)
    func arePrinted(text: String) throws {
        func parsed(_ text: String) throws -> Expression {
            let recipe =
                "slicegraph: 1\ninputs: {base: o/m}\nparams: {n: 7}\nlet:\n  x: |-\n    \(text)\n"
                + "graph: {out: {slice: \"base[0:x]\"}}\n"
            let reading = read(recipe)
            return try #require(reading.graph?.definitions.first?.expression.value, "\(reading.drawn)")
        }
        let expression = try parsed(text)
        #expect(expression.text == text)
        #expect(try parsed(expression.text) == expression)
    }

    @Test(
        "are refused where they are none",
        arguments: [
            "1 +", "(1", "1 2", "n(", "foo(1)", "round(1, 2)", "1 < 2 < 3", "'a", "1x", "n..x", "and", "@", "min()",
            String(repeating: "(", count: 60) + "1" + String(repeating: ")", count: 60),
            Array(repeating: "1", count: 400).joined(separator: "+"), "99999999999999999999", "1e999",
        ]
    )
    func areRefused(text: String) {
        let reading = read(
            "slicegraph: 1\ninputs: {base: o/m}\nparams: {n: 7}\nlet:\n  x: |-\n    ${\(text)}\n"
                + "graph: {out: {slice: \"base[0:x]\"}}\n"
        )
        #expect(reading.diagnostics.map(\.code) == ["bad-expression"])
    }
}

import SutureRecipes
import Testing

@Suite("What a YAML scalar means")
struct YAMLScalarTests {
    static let yaml11: [(String, YAMLMeaning)] = [
        ("yes", .boolean(true)), ("No", .boolean(false)), ("on", .boolean(true)), ("OFF", .boolean(false)),
        ("true", .boolean(true)), ("yEs", .text("yEs")), ("y", .text("y")), ("n", .text("n")),
        ("010", .integer(8)), ("0o10", .text("0o10")), ("08", .text("08")), ("0x1F", .integer(31)),
        ("0b101", .integer(5)), ("-0b11", .integer(-3)), ("0b+1", .text("0b+1")), ("1_000", .integer(1000)),
        ("1:30", .integer(90)), ("1:00:00", .integer(3600)), ("1:75", .text("1:75")), ("-1:30", .integer(-90)),
        ("1:30.5", .number(90.5)), ("0", .integer(0)), ("-7", .integer(-7)), ("+7", .integer(7)),
        ("1e-5", .text("1e-5")), ("1.0e-5", .number(1e-5)), ("1.0e5", .text("1.0e5")), ("1.5e+3", .number(1500)),
        (".5", .number(0.5)), ("5.", .number(5)), ("-.5", .text("-.5")), ("1_0.5", .number(10.5)),
        (".inf", .number(.infinity)), ("-.INF", .number(-.infinity)), ("inf", .text("inf")),
        ("~", .null), ("null", .null), ("", .null), ("none", .text("none")),
        ("1.2.3", .text("1.2.3")), (".", .text(".")), ("-", .text("-")), ("+", .text("+")), ("_1", .text("_1")),
        ("2024-01-01", .text("2024-01-01")), ("99999999999999999999", .number(1e20)),
    ]

    @Test("to mergekit's reader, YAML 1.1", arguments: yaml11)
    func meansInYAML11(text: String, meaning: YAMLMeaning) {
        #expect(YAMLScalar(text).meaningInYAML11 == meaning)
    }

    static let core: [(String, YAMLMeaning)] = [
        ("yes", .text("yes")), ("on", .text("on")), ("true", .boolean(true)), ("False", .boolean(false)),
        ("010", .text("010")), ("0", .integer(0)), ("-12", .integer(-12)), ("0x10", .integer(16)),
        ("1_000", .integer(1000)), ("_1", .text("_1")), ("1_", .text("1_")), ("1:30", .text("1:30")),
        ("1e-5", .number(1e-5)), ("1E5", .number(1e5)), (".5", .number(0.5)), ("-.5", .number(-0.5)),
        ("5.", .number(5)), ("5.e2", .number(500)), (".", .text(".")), ("e5", .text("e5")), ("1e", .text("1e")),
        ("nan", .text("nan")), ("0x", .text("0x")), ("0b1", .text("0b1")), ("infinity", .text("infinity")),
        ("1e999999999999999999999", .text("1e999999999999999999999")),
    ]

    @Test("to native recipes, close to YAML 1.2", arguments: core)
    func meansInCore(text: String, meaning: YAMLMeaning) {
        #expect(YAMLScalar(text).meaning == meaning)
    }

    @Test("is text when quoted or tagged so", arguments: ["5", "true", "null", "", "1:30"])
    func isText(text: String) {
        for scalar in [
            YAMLScalar(text, style: .doubleQuoted), YAMLScalar(text, style: .literal),
            YAMLScalar(text, tag: YAMLTag.text),
        ] {
            #expect(scalar.meaning == .text(text))
            #expect(scalar.meaningInYAML11 == .text(text))
        }
    }
}

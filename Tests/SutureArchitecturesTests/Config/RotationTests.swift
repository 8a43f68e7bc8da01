import Glibc
import SutureCheckpoints
import SutureJSON
import SutureTestSupport
import SystemPackage
import Testing

@testable import SutureArchitectures

/// Configs that say how a model rotates in one form or the other, or in both, beside what transformers makes of them.
///
/// `Tests/Interop/optin/rotations.py` computes the fixture with transformers 5.24. `SUTURE_ROTATIONS=FILE` names
/// another, larger one.
@Suite("What is in force of a rotation")
struct RotationTests {
    struct Case: Sendable {
        let family: String
        let config: JSONObject
        /// The same for configs of which transformers computes the same frequencies.
        let fingerprint: String
    }

    static let families: [String: [Case]] = {
        let bytes: [UInt8]
        if let path = getenv("SUTURE_ROTATIONS") {
            bytes = (try? FileSystem.read(.init(String(cString: path)))) ?? []
        } else {
            bytes = readFixture("architectures/rotations.json")
        }
        let cases = (try? JSONParser.parse(bytes))?.array?.compactMap(\.object).map { object in
            Case(
                family: object["family"]?.string ?? "",
                config: object["config"]?.object ?? [:],
                fingerprint: object["same"]?.string ?? ""
            )
        }
        return Dictionary(grouping: cases ?? [], by: \.family)
    }()

    @Test("is what transformers computes", arguments: families.keys.sorted())
    func equality(_ family: String) throws {
        let cases = try #require(Self.families[family])
        #expect(cases.count > 5)
        for (place, a) in cases.enumerated() {
            let mine = Rotation(a.config, families: [family])
            for b in cases[place...] {
                let isSame = mine.isSame(as: Rotation(b.config, families: [family]))
                #expect(
                    isSame == (a.fingerprint == b.fingerprint),
                    "\(JSONPrinter.print(.object(a.config))) and \(JSONPrinter.print(.object(b.config)))"
                )
            }
        }
    }

    @Test("survives being said in the other form too", arguments: families.keys.sorted())
    func spelling(_ family: String) throws {
        for one in try #require(Self.families[family]) {
            let spelling = RotarySpelling(one.config, families: [family])
            for form in [LoaderRotation.Form.older, .newer] {
                guard let spelled = spelling.spelledOut(for: LoaderRotation(form: form, theta: 10000)) else { continue }
                #expect(Rotation(spelled, families: [family]).isSame(as: spelling.rotation), "\(one.config)")
                let again = RotarySpelling(spelled, families: [family])
                #expect(again.contradiction == nil, "\(JSONPrinter.print(.object(spelled)))")
                #expect(again.spelledOut(for: LoaderRotation(form: form, theta: 10000)) == spelled)
            }
        }
    }
}

import Glibc
package import Testing

extension Tag {
    /// What takes long: many builds, many kills, every method or family, inputs that are mutated at any place.
    @Tag package static var slow: Self
}

extension Trait where Self == ConditionTrait {
    /// Left out where only the quick tests are asked for, with `SUTURE_TESTS=quick`: `swift test` knows no tags.
    package static var unlessQuick: Self {
        .disabled(if: getenv("SUTURE_TESTS").map { String(cString: $0) } == "quick", "slow")
    }
}

import Glibc

/// What the environment asks of the tests.
package enum Environment {
    /// Whether golden texts are written anew rather than compared.
    package static var isRecording: Bool { getenv("SUTURE_RECORD") != nil }
}

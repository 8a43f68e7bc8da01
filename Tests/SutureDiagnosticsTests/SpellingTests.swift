import SutureDiagnostics
import Testing

@Suite("Did you mean")
struct SpellingTests {
    @Test(
        "finds what was meant",
        arguments: [
            ("slrep", "slerp"), ("dare-ties", "dare_ties"), ("Parameters", "parameters"), ("dype", "dtype"),
            ("bfloat", "bfloat16"),
        ]
    )
    func findsWhatWasMeant(word: String, meant: String) {
        let known = ["slerp", "linear", "dare_ties", "parameters", "dtype", "bfloat16", "float16"]
        #expect(known.nearest(to: word) == meant)
    }

    @Test("stays silent when nothing is near", arguments: ["xyzzy", "", "task_swapping", "b"])
    func staysSilent(word: String) {
        #expect(["slerp", "linear", "ties", "a"].nearest(to: word) == nil)
    }
}

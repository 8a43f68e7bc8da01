import SutureDiagnostics
import Testing

@Suite("Drawing diagnostics")
struct DiagnosticRendererTests {
    @Test("quotes the line, points at the words, offers the fix")
    func quotesTheLine() {
        let file = SourceFile(path: "up.yml", text: "graph:\n\t- base[8:39]\n")
        let range = SourceRange(
            file: file,
            start: SourceMark(line: 2, column: 4),
            end: SourceMark(line: 2, column: 14)
        )
        let diagnostic = Diagnostic(
            code: "range-past-end",
            "end 39 is past the 32 layers of 'base'",
            at: range,
            fix: Diagnostic.FixIt("end at 32")
        )

        #expect(
            DiagnosticRenderer().render(diagnostic) == """
                up.yml:2:4: error: end 39 is past the 32 layers of 'base' [range-past-end]
                 2 | \t- base[8:39]
                   | \t  ^~~~~~~~~~
                   help: end at 32
                """
        )
    }

    @Test("names file and tensor where no text is to blame")
    func namesFileAndTensor() {
        let diagnostic = Diagnostic(
            .warning,
            code: "odd-tensor",
            "has no layer",
            at: .file("m/model.safetensors", tensor: "x.y")
        )

        #expect(
            DiagnosticRenderer().render(diagnostic)
                == "m/model.safetensors: tensor 'x.y': warning: has no layer [odd-tensor]"
        )
    }
}

import SutureDiagnostics
import SutureRecipes
import Testing

@Suite("Recipes to begin with")
struct RecipeTemplateTests {
    @Test("are read without a word of complaint, nothing answered", arguments: RecipeTemplate.all.map(\.name))
    func areRead(name: String) throws {
        let template = try #require(RecipeTemplate.all.first { $0.name == name })
        let reading = read(template.text([:]))
        #expect(reading.graph != nil)
        #expect(reading.drawn == "")
    }

    @Test("hold what was answered", arguments: RecipeTemplate.all.map(\.name))
    func holdAnswers(name: String) throws {
        let template = try #require(RecipeTemplate.all.first { $0.name == name })
        var answers: [String: String] = [:]
        for question in template.questions {
            answers[question.flag] =
                switch question.kind {
                case .model: "o/\(question.flag): \"odd\" #name"
                case .integer(let least): "\(least + 5)"
                case .number(let range): "\(range.upperBound)"
                case .choice(let words): words.last ?? ""
                }
        }
        let reading = read(template.text(answers))
        let graph = try #require(reading.graph, "\(reading.drawn)")
        #expect(reading.drawn == "")
        for input in graph.inputs { #expect(input.reference?.value == answers[input.name.value]) }
        for parameter in graph.parameters {
            guard case .constant(let fallback)? = parameter.fallback?.content else { continue }
            let flag = ["group": "every", "share": "t"][parameter.name.value] ?? parameter.name.value
            #expect(fallback.text == answers[flag])
        }
    }

    @Test("take no answer for another", arguments: ["", "x", "-3", "1e9\ninputs: {}", "9e99"])
    func refuseAnswers(answer: String) throws {
        let template = try #require(RecipeTemplate.all.first { $0.name == "solar" })
        let keep = try #require(template.questions.first { $0.flag == "keep" })
        #expect(keep.kind.fault(in: answer) != nil)
        #expect(read(template.text(["keep": answer])).drawn == "")
    }

    @Test("offer every method of blend", arguments: ["linear", "slerp", "ties"])
    func offerMethods(method: String) throws {
        let template = try #require(RecipeTemplate.all.first { $0.name == "blend" })
        let reading = read(template.text(["method": method]))
        #expect(reading.drawn == "")
        guard case .blend(let blend)? = reading.graph?.nodes.last?.operation else {
            Issue.record("no blend is written")
            return
        }
        #expect(blend.method.value == .text(method))
    }
}

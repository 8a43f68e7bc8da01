import SutureKit
import Testing

@testable import SutureCommands

@Suite("A command")
struct CommandTests {
    @Test("that checks a recipe ends with 0 where it is fine")
    func checksFine() {
        let session = Session(["check", Session.recipe("solar")] + Session.base)
        #expect(session.exitCode == 0)
        #expect(session.messages.hasSuffix("solar.yml: fine\n"))
        #expect(session.answer.isEmpty)
    }

    @Test("that checks a recipe ends with 1 where it is wrong, and gives programs the same as JSON")
    func checksWrong() {
        let wrong = ["check", Session.recipe("solar"), "--param", "nonsense=1"] + Session.base

        let told = Session(wrong)
        #expect(told.exitCode == 1)
        #expect(told.messages.contains("error: ") && told.messages.contains("nonsense"))
        #expect(told.messages.hasSuffix("solar.yml: 1 error\n"))

        let json = Session(wrong + ["--json"])
        #expect(json.exitCode == 1)
        #expect(json.codes == ["unknown-parameter"])
        #expect(json.messages.isEmpty)
    }

    @Test("that is given no recipe says so, with 1", arguments: ["check", "plan", "explain", "build"])
    func missingRecipe(command: String) {
        let rest = ["explain": ["0"], "build": ["out"]][command] ?? []
        let session = Session([command, "/no/such/recipe.yml"] + rest + ["--json"])
        #expect(session.exitCode == 1)
        #expect(session.codes == ["unreadable-recipe"])
    }

    @Test("that plans answers with a table, with JSON or with a graph, and with nothing else")
    func plans() throws {
        let plan = ["plan", Session.recipe("solar")] + Session.base
        let table = Session(plan)
        #expect(table.exitCode == 0)
        #expect(table.answer.contains("12 layers"))

        let json = Session(plan + ["--json"])
        let object = try #require(json.json?.object)
        #expect(object["layers"]?.int == 12)
        for key in ["plan", "tool", "recipe", "parameters", "bytes", "stack", "sources", "shards", "tensors", "config"]
        {
            #expect(object[key] != nil, "\(key)")
        }
        #expect(Session(plan + ["--format", "json"]).answer == json.answer)
        #expect(Session(plan + ["--format", "dot"]).answer.hasPrefix("digraph"))
    }

    @Test("that builds gives a folder, which is whole and is not replaced unasked")
    func builds() throws {
        try Session.withModel { folder in
            let (recipe, out) = ("\(folder)/stack.yml", "\(folder)/out")

            let built = Session("build", recipe, out, "--json")
            #expect(built.exitCode == 0)
            let outcome = try #require(built.json?.object)
            #expect(outcome["folder"]?.string == out)
            #expect((outcome["bytes"]?.int ?? 0) > 0)
            #expect(outcome["diagnostics"]?.array != nil)
            #expect(built.messages.contains("6 layers"))

            let again = Session("build", recipe, "-o", out, "--json")
            #expect(again.exitCode == 2)
            #expect(again.codes == ["output-exists"])
            let forced = Session("build", recipe, "-o", out, "--force")
            #expect(forced.exitCode == 0)
            #expect(forced.answer == out + "\n")

            let verified = Session("verify", out, "--recompute", "all", "--json")
            #expect(verified.exitCode == 0)
            #expect(verified.json?.object?["good"]?.bool == true)
            #expect(Session("status", out, "--json").json?.object?["published"]?.bool == true)
            #expect(Session("inspect", out, "--json").json?.object?["layers"]?.int == 6)
            #expect(Session("diff", out, out, "--exit-code").exitCode == 0)
            let different = Session("diff", out, "\(folder)/model", "--exit-code", "--json")
            #expect(different.exitCode == 1)
            #expect(different.json?.array?.count == 1)
        }
    }

    @Test("runs a kept plan in parts, says how far they are, and finishes them")
    func parts() throws {
        try Session.withModel { folder in
            let (plan, out) = ("\(folder)/plan.json", "\(folder)/out")
            #expect(Session("plan", "\(folder)/stack.yml", "-o", plan).answer == plan + "\n")
            #expect(Session("run", plan, "-o", out, "--part", "1/2").exitCode == 0)
            let status = Session("status", out)
            #expect(status.answer.contains("1 of 2 parts done"))
            #expect(status.answer.contains("1/2") && status.answer.contains("missing"))
            let early = Session("finish", plan, "-o", out, "--json")
            #expect(early.exitCode == 3)
            #expect(early.codes == ["parts-missing"])
            #expect(Session("run", plan, "-o", out, "--part", "2/2").exitCode == 0)
            #expect(Session("finish", plan, "-o", out).answer == out + "\n")
            let job = Session("export", "slurm", plan, "-o", out, "--parts", "2")
            #expect(job.answer.hasPrefix("#!/bin/") && job.answer.contains("--part-env SLURM_ARRAY_TASK_ID"))
        }
    }

    @Test("explains a layer, and says what there is where there is none of that number")
    func explains() {
        let explain = ["explain", Session.recipe("solar")]
        #expect(Session(explain + ["7"] + Session.base).answer.contains("base"))
        let nothing = Session(explain + ["12", "--json"] + Session.base)
        #expect(nothing.exitCode == 1)
        #expect(nothing.codes == ["nothing-to-explain"])
    }

    @Test("explains the code of a message, and lists them all")
    func explainsCodes() {
        let known = Session("explain", "layer-past-end")
        #expect(known.exitCode == 0)
        #expect(known.answer.contains("What to do: "))
        #expect(
            Session("explain", "--json").json?.array?.count == Session("explain").answer.split(separator: "\n").count
        )
        #expect(Session("explain", "layer-past-and", "--json").codes == ["unknown-code"])
        #expect(Session("explain", "x.yml").exitCode == 64)
    }

    @Test("lists the merge methods, and explains one")
    func methods() {
        #expect(Session("methods").answer.contains("slerp "))
        #expect(Session("methods", "slerp").answer.hasPrefix("slerp: "))
        #expect(
            Session("methods", "--json").json?.array?.count == Session("methods").answer.split(separator: "\n").count
        )
        let unknown = Session("methods", "slurp")
        #expect(unknown.exitCode == 1)
        #expect(unknown.messages.contains("did you mean 'slerp'?"))
    }

    @Test("begins a recipe that another command finds nothing wrong with")
    func beginsARecipe() throws {
        try Session.withModel { folder in
            let model = "\(folder)/model"
            let begun = Session("recipe", "new", "prune", "--base", model)
            #expect(begun.exitCode == 0)
            #expect(begun.answer.contains("slicegraph: 1") && begun.answer.contains(model))
        }
        #expect(Session("recipe", "new", "no-such").exitCode == 1)
        let flag = Session("recipe", "new", "prune", "--bsae", "x")
        #expect(flag.exitCode == 64)
        #expect(flag.messages.contains("did you mean --base?"))
    }

    @Test("translates recipes, and prints their schema")
    func translates() {
        let native = Session(["recipe", "expand", Session.recipe("mergekit-passthrough")])
        #expect(native.answer.hasPrefix("slicegraph: 1"))
        let mergekit = Session(["recipe", "convert", Session.recipe("solar"), "--to", "mergekit"] + Session.base)
        #expect(mergekit.answer.contains("merge_method: passthrough"))
        #expect(Session("recipe", "schema").json?.object?["$schema"] != nil)
    }
}

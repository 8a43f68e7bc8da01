import SutureDiagnostics
import SutureRecipes
import SutureTensors

extension Diagnostic {
    /// A stack of nothing.
    static func emptyStack(_ name: Marked<String>) -> Diagnostic {
        Diagnostic(
            code: "empty-stack",
            "the stack '\(name.value)' has no layers",
            at: name.range,
            fix: FixIt("give it an item, such as \"base[0:24]\"")
        )
    }

    /// A count of repetitions that makes no sense.
    static func badRepetition(_ count: Int, at range: SourceRange?, most: Int) -> Diagnostic {
        Diagnostic(
            code: "bad-repeat",
            count < 1
                ? "'repeat' is \(count), but a run is laid down at least once"
                : "'repeat' makes more than \(most) layers",
            at: range,
            fix: FixIt(count < 1 ? "leave the item out instead" : "check the number")
        )
    }

    /// Variables of one `foreach` that take different numbers of values.
    static func foreachLengths(_ a: String, _ na: Int, _ b: String, _ nb: Int, at range: SourceRange?) -> Diagnostic {
        Diagnostic(
            code: "foreach-lengths",
            "'\(a)' takes \(na) values and '\(b)' takes \(nb), but they advance together",
            at: range,
            fix: FixIt("nest a second foreach to combine every value with every other")
        )
    }

    /// A window that does not fit.
    static func badWindow(size: Int, step: Int, of count: Int, at range: SourceRange?) -> Diagnostic {
        Diagnostic(
            code: "bad-window",
            "a window of \(size) layers with step \(step) does not fit \(count) layers",
            at: range,
            fix: FixIt("size and step must be at least 1, and size at most \(count)")
        )
    }

    /// Windows that stop short of the last layer.
    static func windowLeavesLayers(_ count: Int, of name: String, at range: SourceRange?) -> Diagnostic {
        Diagnostic(
            .warning,
            code: "window-leaves-layers",
            "the last \(count) layers of '\(name)' are in no window",
            at: range,
            fix: FixIt("choose size and step so that the last window ends at the last layer")
        )
    }

    /// A run length that makes no sense.
    static func badRun(_ length: Int, at range: SourceRange?) -> Diagnostic {
        Diagnostic(
            code: runCode,
            "'run' is \(length), but takes at least 1 layer",
            at: range,
            fix: FixIt("leave it out for 1")
        )
    }

    /// Strips that should be as long as each other and are not.
    static func lengthsDiffer(
        _ operation: String,
        _ a: String,
        _ na: Int,
        _ b: String,
        _ nb: Int,
        at range: SourceRange?
    ) -> Diagnostic {
        lengthsDiffer(
            "'\(operation)' takes strips of one length, but '\(a)' has \(na) layers and '\(b)' has \(nb)",
            at: range,
            fix: FixIt("slice the longer one, such as \(na > nb ? a : b)[0:\(min(na, nb))]")
        )
    }
}

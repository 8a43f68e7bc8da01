package import SutureCheckpoints

extension Plan {
    /// The format in which its weights are written.
    ///
    /// - Throws: ``OutputFormatError`` where nobody knows it.
    package func outputFormat() throws(OutputFormatError) -> any OutputFormat {
        guard let found = OutputFormats.named(format) else {
            let known = OutputFormats.all.map(\.name).joined(separator: ", ")
            throw OutputFormatError("its format '\(format)' is none that is written: \(known)")
        }
        return found
    }
}

extension Plan.Shard {
    /// Where its tensors lie and what stands before them, as its plan's format has it.
    ///
    /// - Throws: ``OutputFormatError`` where they do not fit the format.
    package func layout(in plan: Plan) throws(OutputFormatError) -> FileLayout {
        try plan.outputFormat().layOut(plan.tensors[tensors].map(\.spec), .at(dataStart), preamble: preamble)
    }
}

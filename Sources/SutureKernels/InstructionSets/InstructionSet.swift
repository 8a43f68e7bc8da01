import Glibc

#if arch(x86_64)
    import SutureLoopsV3
    import SutureLoopsV4

    extension SutureLoopsV3.Loops: LoopSet {}
    extension SutureLoopsV4.Loops: LoopSet {}
#endif

/// The instructions for which the ``Loops`` were built; all of them compute the same bits.
package enum InstructionSet: String, CaseIterable, Sendable {
    /// What every machine of the architecture has.
    case baseline

    /// Vectors of 256 bits: x86-64-v3, from Haswell and Zen on.
    case v3

    /// Vectors of 512 bits: x86-64-v4, from Skylake-X and Zen 4 on.
    case v4

    /// Those that this machine has.
    package static let available: [InstructionSet] = allCases.filter(\.isAvailable)

    /// The one that is used: the widest there is, or the one that the environment's `SUTURE_INSTRUCTIONS` names.
    package static let current: InstructionSet = {
        let name = unsafe getenv("SUTURE_INSTRUCTIONS").map { unsafe String(cString: $0) }
        let wanted = name.flatMap { InstructionSet(rawValue: $0) }
        if let wanted, available.contains(wanted) { return wanted }
        return available.last ?? .baseline
    }()

    private var isAvailable: Bool {
        #if arch(x86_64)
            switch self {
            case .baseline: true
            case .v3: Processor.current.hasV3
            case .v4: Processor.current.hasV4
            }
        #else
            self == .baseline
        #endif
    }

    /// Its loops.
    ///
    /// - Precondition: The machine has the instructions.
    var loops: any LoopSet.Type {
        #if arch(x86_64)
            switch self {
            case .baseline: Loops.self
            case .v3: SutureLoopsV3.Loops.self
            case .v4: SutureLoopsV4.Loops.self
            }
        #else
            Loops.self
        #endif
    }
}

package import SutureTensors

/// To which numbers each step of a computation in `Float` is rounded.
///
/// The documented meaning of every method rounds once, at the end. mergekit computes in the dtype of the merge and
/// rounds at every step; reproducing it takes the same steps.
package enum StepRounding: Hashable, Sendable {
    /// Not at all: every `Float` is kept.
    case none

    /// To bfloat16 after each step.
    case bfloat16

    /// To binary16 after each step.
    case float16

    /// The rounding of a computation in a dtype.
    package init(_ dtype: DType) {
        switch dtype {
        case .bfloat16: self = .bfloat16
        case .float16: self = .float16
        default: self = .none
        }
    }

    /// Rounds one number.
    package func callAsFunction(_ value: Float) -> Float {
        switch self {
        case .none: value
        case .bfloat16: BFloat16(rounding: value).widened
        case .float16: Half(rounding: value).widened
        }
    }

    /// Rounds one number that was computed in `Double`, once to `Float` and then to the step's numbers.
    package func callAsFunction(_ value: Double) -> Float { self(Float(value)) }
}

/// Rounds every number to a dtype's nearest, ties to even, and keeps it as `Float`.
package func round(_ values: inout MutableSpan<Float>, to rounding: StepRounding) {
    switch rounding {
    case .none: break
    case .bfloat16: for i in values.indices { values[i] = BFloat16(rounding: values[i]).widened }
    case .float16: for i in values.indices { values[i] = Half(rounding: values[i]).widened }
    }
}

/// Rounds every number to a stored dtype's nearest, ties to even, and keeps it as `Float`.
///
/// - Precondition: `dtype` is blendable, and the numbers fill whole blocks.
package func round(_ values: inout MutableSpan<Float>, to dtype: DType) {
    switch dtype {
    case .bfloat16: round(&values, to: StepRounding.bfloat16)
    case .float16: round(&values, to: StepRounding.float16)
    case .float32, .float64: break
    default:
        var stored = [UInt8](repeating: 0, count: dtype.block.bytes(of: 0..<values.count).count)
        var span = stored.mutableSpan
        var bytes = unsafe span.mutableBytes
        narrow(values.span, to: dtype, into: &bytes)
        widen(bytes.bytes, dtype, into: &values)
    }
}

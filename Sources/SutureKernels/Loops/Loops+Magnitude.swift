extension Loops {
    /// Counts the magnitudes of a block above one and equal to two of them, as 31-bit numbers; `lower` may be −1.
    package static func countAround(
        _ values: Span<Float>,
        upper: Int32,
        lower: Int32
    ) -> (above: Int, onUpper: Int, onLower: Int) {
        var (above, onUpper, onLower): (Int32, Int32, Int32) = (0, 0, 0)
        // Differences of 31-bit numbers keep their sign, and the sign is the count.
        for i in 0..<values.count {
            let bits = Int32(bitPattern: unsafe values[unchecked: i].bitPattern & 0x7fff_ffff)
            above &-= (upper &- bits) >> 31
            let (fromUpper, fromLower) = (bits ^ upper, bits ^ lower)
            onUpper &-= (~fromUpper & (fromUpper &- 1)) >> 31
            onLower &-= (~fromLower & (fromLower &- 1)) >> 31
        }
        return (Int(above), Int(onUpper), Int(onLower))
    }

    /// Finds the elements whose magnitudes, as 31-bit numbers, are among `width` from `first` on.
    ///
    /// - Parameters:
    ///   - values: A piece of a block.
    ///   - first: The smallest magnitude that is looked for.
    ///   - width: How many; at most up to the largest magnitude.
    ///   - positions: Where their places in the piece are written; as long as the piece.
    /// - Returns: How many were found.
    package static func find(
        _ values: Span<Float>,
        from first: Int32,
        width: Int32,
        into positions: inout MutableSpan<UInt32>
    ) -> Int {
        precondition(positions.count >= values.count, "there is too little room")
        var found = 0
        var start = 0
        // Few are inside: each run of 32 sets a bit for those that are, and only they are walked.
        while start &+ 32 <= values.count {
            var inside: UInt32 = 0
            for i in 0..<32 {
                let away = Int32(bitPattern: unsafe values[unchecked: start &+ i].bitPattern & 0x7fff_ffff) &- first
                let bit = UInt32(bitPattern: ~away & (away &- width)) >> 31
                inside |= bit &<< UInt32(truncatingIfNeeded: i)
            }
            while inside != 0 {
                let place = UInt32(truncatingIfNeeded: inside.trailingZeroBitCount)
                unsafe positions[unchecked: found] = UInt32(truncatingIfNeeded: start) &+ place
                found &+= 1
                inside &= inside &- 1
            }
            start &+= 32
        }
        for i in start..<values.count {
            let away = Int32(bitPattern: unsafe values[unchecked: i].bitPattern & 0x7fff_ffff) &- first
            unsafe positions[unchecked: found] = UInt32(truncatingIfNeeded: i)
            found &+= Int(UInt32(bitPattern: ~away & (away &- width)) >> 31)
        }
        return found
    }

    /// Sets to zero the numbers of a range whose magnitudes are not from `lower` up to below `upper`, and multiplies the
    /// rest; `upper` may be the largest number there is, for no limit.
    package static func keep(
        _ values: inout MutableSpan<Float>,
        in range: Range<Int>,
        below upper: Int32,
        from lower: Int32,
        times factor: Float
    ) {
        precondition(range.lowerBound >= 0 && range.upperBound <= values.count, "no such elements")
        if upper == .max {
            for i in range {
                let value = unsafe values[unchecked: i]
                let bits = Int32(bitPattern: value.bitPattern & 0x7fff_ffff)
                unsafe values[unchecked: i] = bits >= lower ? value * factor : 0
            }
            return
        }
        for i in range {
            let value = unsafe values[unchecked: i]
            let bits = Int32(bitPattern: value.bitPattern & 0x7fff_ffff)
            let kept = bits >= lower ? value * factor : 0
            unsafe values[unchecked: i] = bits < upper ? kept : 0
        }
    }
}

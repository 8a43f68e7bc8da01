#if arch(x86_64)
    import _Builtin_intrinsics.intel.cpuid

    /// What the processor says of itself, and whether the system keeps its wide registers.
    ///
    /// The levels are those of the x86-64 psABI.
    struct Processor: Sendable {
        /// This one.
        static let current = Processor()

        /// Whether it has all of x86-64-v3.
        let hasV3: Bool

        /// Whether it has all of x86-64-v4.
        let hasV4: Bool

        private init() {
            let basic = Self.leaf(1).ecx
            let extended = Self.leaf(7).ebx
            let more = Self.leaf(0x8000_0001).ecx
            // The bytes of the registers that the system saves: 832 with the halves of 256 bits, 2688 with those of 512.
            let saved = Self.has(basic, 27) ? Self.leaf(0xd).ebx : 0
            let hasV3 =
                [12, 22, 28, 29].allSatisfy { Self.has(basic, $0) }  // FMA, MOVBE, AVX, F16C
                && [3, 5, 8].allSatisfy { Self.has(extended, $0) }  // BMI1, AVX2, BMI2
                && Self.has(more, 5) && saved >= 832  // LZCNT
            self.hasV3 = hasV3
            // AVX-512 F, DQ, CD, BW, VL
            hasV4 = hasV3 && [16, 17, 28, 30, 31].allSatisfy { Self.has(extended, $0) } && saved >= 2688
        }

        private static func has(_ word: UInt32, _ bit: UInt32) -> Bool { word >> bit & 1 == 1 }

        /// A leaf of the processor's description; zeros where it has none of that number.
        private static func leaf(_ number: UInt32) -> (ebx: UInt32, ecx: UInt32) {
            var (eax, ebx, ecx, edx): (UInt32, UInt32, UInt32, UInt32) = (0, 0, 0, 0)
            let isThere = unsafe __get_cpuid_count(number, 0, &eax, &ebx, &ecx, &edx)
            return isThere == 1 ? (ebx, ecx) : (0, 0)
        }
    }
#endif

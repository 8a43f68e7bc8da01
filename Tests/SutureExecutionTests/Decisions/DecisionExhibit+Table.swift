import SutureTensors

extension DecisionExhibit {
    private static let half = Float(0.5).squareRoot()

    /// What shows a decision of a method, or `nil` where nobody has thought of anything.
    static func of(_ method: String, _ decision: String) -> DecisionExhibit? {
        switch decision {
        case "slerp-zero-vector":
            DecisionExhibit(
                base: [0, 0, 0, 0],
                others: [[1, 2, 3, 4]],
                settings: "t: 0.5",
                documented: .values([0.5, 1, 1.5, 2]),
                mergekit: .values([half, 2 * half, 3 * half, 4 * half])
            )
        case "multislerp-cancelled":
            DecisionExhibit(
                others: [[2, 0, 0, 0], [-1, 0, 0, 0], [0, 3, 0, 0], [0, -1, 0, 0]],
                settings: "weight: 1",
                documented: .values([0.25, 0.5, 0, 0]),
                mergekit: .documented
            )
        case "karcher-zero-input":
            DecisionExhibit(
                others: [[0x1p-20, 0, 0, 0], [0, 1, 0, 0]],
                documented: .values([half * (0.5 + 0x1p-21), half * (0.5 + 0x1p-21), 0, 0]),
                mergekit: .values([0, 0.5 + 0x1p-21, 0, 0])
            )
        case "model-stock-negative":
            // A cosine of -0.6 gives a ratio of -3.
            DecisionExhibit(
                base: [0, 0, 0, 0],
                others: [[1, 0, 0, 0], [-3, 4, 0, 0]],
                documented: .values([0, 0, 0, 0]),
                mergekit: .values([3, -6, 0, 0])
            )
        case "model-stock-small":
            // A cosine of 0.01 where it is 1.
            DecisionExhibit(
                base: [0, 0, 0, 0],
                others: [[1e-4, 0, 0, 0], [1e-4, 0, 0, 0]],
                documented: .values([1e-4, 0, 0, 0]),
                mergekit: .values([1e-4 * 0.02 / 1.01, 0, 0, 0])
            )
        case "sce-nothing-selected":
            DecisionExhibit(
                base: [1, 2, 3, 4],
                others: [[2, 3, 4, 5], [2, 3, 4, 5]],
                settings: "select_topk: 0.5",
                documented: .values([1, 2, 3, 4]),
                mergekit: .documented
            )
        case "sce-small-differences":
            // Squares of 1 and 9 parts; mergekit takes halves.
            DecisionExhibit(
                base: [0, 0, 0, 0],
                others: [[1e-4, 1e-4, 1e-4, 1e-4], [3e-4, 3e-4, 3e-4, 3e-4]],
                documented: .values([2.8e-4, 2.8e-4, 2.8e-4, 2.8e-4]),
                mergekit: .values([2e-4, 2e-4, 2e-4, 2e-4])
            )
        case "arcee-sampling":
            sampling
        case "float32-output":
            float32(method)
        case "rows-cut", "rows-stop", "rows-of-base":
            rowsDiffer(method)
        case "mixed-dtypes":
            mixed(method)
        default: thinned(method, decision) ?? walked(decision)
        }
    }

    /// What shows a decision of a method that leaves something out.
    private static func thinned(_ method: String, _ decision: String) -> DecisionExhibit? {
        switch decision {
        case "nothing-kept":
            DecisionExhibit(
                base: [1, 2, 3, 4],
                others: [[2, 2, 2, 2]],
                settings: "weight: 1, density: 0.2",
                documented: .values([1, 2, 3, 4]),
                mergekit: .documented,
                newest: .values([1, 2, 3, 2])
            )
        case "random-masks":
            DecisionExhibit(
                base: Array(repeating: 0, count: 65),
                others: [Array(repeating: 1, count: 65)],
                settings: "weight: 1, density: 0.5, rescale: false",
                documented: .that { Set($0) == [0, 1] },
                mergekit: .documented
            )
        case "breadcrumbs-no-outliers":
            DecisionExhibit(
                base: [0, 0, 0, 0],
                others: [[1, 2, 3, 4]],
                settings: "weight: 1, density: 0.5",
                documented: .values([0, 0, 3, 4]),
                mergekit: .values([0, 0, 0, 0])
            )
        case "della-stack-ranks":
            stackRanks
        case "dare-rescale":
            // Of 65 equal differences, those kept are doubled, or made to sum to 65, which no doubled ones do.
            DecisionExhibit(
                base: Array(repeating: 0, count: 65),
                others: [Array(repeating: 1, count: 65)],
                settings: "weight: 1, density: 0.5",
                documented: .that { Set($0) == [0, 2] },
                mergekit: .that { Set($0).count == 2 && $0.contains(0) && abs($0.reduce(0, +) - 65) < 1e-3 }
            )
        case "della-rescale":
            // Of equal differences, the later are the likelier to be kept and the less enlarged.
            DecisionExhibit(
                base: Array(repeating: 0, count: 65),
                others: [Array(repeating: 1, count: 65)],
                settings: "weight: 1, density: 0.5, epsilon: 0.1",
                documented: .that { numbers in
                    let kept = Set(numbers.filter { $0 != 0 })
                    return kept.count > 8 && kept.allSatisfy { $0 >= 1 / 0.6001 && $0 <= 1 / 0.3999 }
                },
                mergekit: .that { Set($0).count == 2 && $0.contains(0) && abs($0.reduce(0, +) - 65) < 1e-3 }
            )
        default: nil
        }
    }

    /// Differences that grow a little along rows and much from row to row: those at the ends of rows are kept.
    private static var stackRanks: DecisionExhibit {
        let numbers = (0..<2 * 32 * 32).map { i -> Float in
            let (row, column) = (i / 32 % 32, i % 32)
            return Float(row * 100 + column + 1)
        }
        return DecisionExhibit(
            base: numbers.map { _ in 0 },
            others: [numbers],
            settings: "weight: 1, density: 0.5, epsilon: 0.4, rescale: false",
            documented: .that { kept in
                let ends = kept.indices.filter { $0 % 32 >= 24 }.count { kept[$0] != 0 }
                let starts = kept.indices.filter { $0 % 32 < 8 }.count { kept[$0] != 0 }
                return ends > 2 * 32 * 6 && starts < 2 * 32 * 2
            },
            mergekit: .documented,
            tensor: "model.layers.0.mlp.experts.down_proj",
            shapes: [[2, 32, 32]]
        )
    }

    /// What shows a decision of a walk along arcs.
    private static func walked(_ decision: String) -> DecisionExhibit? {
        switch decision {
        case "nuslerp-no-arc":
            DecisionExhibit(
                others: [[0, 0, 0, 0], [1, 2, 3, 4]],
                settings: "weight: 0.5",
                documented: .values([0.5, 1, 1.5, 2]),
                mergekit: .values([half, 2 * half, 3 * half, 4 * half])
            )
        case "nuslerp-parallel-halves":
            DecisionExhibit(
                others: [[1, 0, 0, 0], [2, 0, 0, 0]],
                settings: "weight: 0.5",
                documented: .values([1.5, 0, 0, 0]),
                mergekit: .notNumbers,
                dtype: .float16
            )
        case "nuslerp-stacked-columns":
            // The second matrices' columns stand at right angles; across the stack, the upper numbers at 45 degrees.
            DecisionExhibit(
                others: [[1, 1, 0, 0, 0, 0, 1, 1], [1, 1, 0, 0, 1, 1, 0, 0]],
                settings: "weight: 0.5, nuslerp_flatten: false, nuslerp_row_wise: true",
                documented: .values([1, 1, 0, 0, half, half, half, half]),
                mergekit: .values([1.082392, 1.082392, 0, 0, 0.541196, 0.541196, half, half]),
                tensor: "model.layers.0.mlp.experts.down_proj",
                shapes: [[2, 2, 2]]
            )
        default: nil
        }
    }

    /// More than a million elements, of which the half with the larger differences is taken over.
    private static var sampling: DecisionExhibit {
        let count = 250_001 * 4
        let other = (0..<count).map { i -> Float in
            let isLoud = i / 4 % 16 == 0
            return Float(i % 4) * (isLoud ? 1 : 0.25)
        }
        return DecisionExhibit(
            base: Array(repeating: 0, count: count),
            others: [other],
            documented: .that { taken in zip(taken, other).allSatisfy { $0 == 0 || $0 == $1 } && taken.contains(3) },
            mergekit: .documented,
            tensor: embedding,
            shapes: [[250_001, 4]]
        )
    }

    /// One element of two changes so much that both methods take it over.
    private static func float32(_ method: String) -> DecisionExhibit {
        DecisionExhibit(
            base: [0, 0, 0, 0],
            others: method == "arcee_fusion" ? [[0, 0, 0, 3]] : [[0, 0, 0, 3], [0, 0, 0, 0]],
            settings: method == "arcee_fusion" ? "" : "r: 0",
            documented: .values([0, 0, 0, 3]),
            mergekit: .values([0, 0, 0, 3]),
            dtype: .bfloat16,
            mergekitDType: .float32,
            isKnownFromHeaders: true
        )
    }

    /// Six rows and four; the result has six, or four where mergekit cuts them.
    private static func rowsDiffer(_ method: String) -> DecisionExhibit {
        let (tall, short) = ([Float](repeating: 1, count: 24), [Float](repeating: 2, count: 16))
        let hasBase = takesBase(method)
        let inputs = method == "model_stock" ? [short, short] : [short]
        return DecisionExhibit(
            base: hasBase ? tall : nil,
            others: hasBase ? inputs : [tall, short],
            settings: settings(method),
            documented: .that { $0.count == 24 && $0[16...].allSatisfy { $0 == 1 } },
            mergekit: .that { $0.count == 16 },
            tensor: embedding,
            shapes: [[6, 4], [4, 4]],
            isKnownFromHeaders: true
        )
    }

    /// Unit vectors of two dtypes: with a base one is taken as it is, without one they are walked between.
    private static func mixed(_ method: String) -> DecisionExhibit {
        let hasBase = takesBase(method)
        let inputs = method == "model_stock" || method == "sce" ? 2 : 1
        return DecisionExhibit(
            base: hasBase ? [0, 0, 0, 0] : nil,
            others: hasBase ? Array(repeating: [0, 0, 0, 3], count: inputs) : [[1, 0, 0, 0], [0, 1, 0, 0]],
            settings: settings(method),
            documented: .values(hasBase ? [0, 0, 0, 3] : [half, half, 0, 0]),
            mergekit: .values(hasBase ? [0, 0, 0, 3] : [half, half, 0, 0]),
            dtype: hasBase && method != "arcee_fusion" ? .bfloat16 : .float32,
            mergekitDType: .float32,
            dtypes: [.bfloat16, .float32, .float32],
            isKnownFromHeaders: true
        )
    }

    private static func takesBase(_ method: String) -> Bool {
        !["linear", "nuslerp", "multislerp", "karcher"].contains(method)
    }

    /// Values without which a method does nothing.
    private static func settings(_ method: String) -> String {
        switch method {
        case "slerp", "nearswap": "t: 0.5"
        case "karcher", "model_stock", "arcee_fusion", "sce", "ram": ""
        case "ramplus_tl": "r: 0"
        default: "weight: 0.5"
        }
    }
}

import Glibc
import SutureMerging

/// What each method means, in `Double` over whole tensors and with no thought of speed.
struct Reference {
    let inputs: [[Double]]
    let base: [Double]

    /// What each input differs from the base.
    let differences: [[Double]]

    let rowLength: Int
    let parameters: MergeParameters
    let descriptor: MergeDescriptor

    init(
        _ method: String,
        _ inputs: [[Float]],
        base: [Float]?,
        rowLength: Int,
        _ parameters: MergeParameters
    ) throws {
        self.inputs = inputs.map { $0.map { Double($0) } }
        self.base = (base ?? []).map { Double($0) }
        differences = inputs.map { input in zip(input, base ?? []).map { Double($0) - Double($1) } }
        self.rowLength = max(1, rowLength)
        self.parameters = parameters
        descriptor = try required(registry[named: method]).descriptor
    }

    /// The merged tensor; of methods that draw random numbers, where they keep everything.
    func merged() -> [Double]? {
        switch descriptor.name {
        case "passthrough": inputs[0].map { $0 * each("scale")[0] }
        case "linear": linear
        case "lerp": combination([1 - number("t"), number("t")])
        case "slerp": arc(inputs[0], inputs[1], number("t"), isFull: false)
        case "nuslerp": nuslerp
        case "multislerp": multislerp
        case "karcher": karcher
        case "task_arithmetic", "dare_linear": onBase(sum(weighted(differences)))
        case "della_linear": onBase(sum(weighted(differences)))
        case "ties", "dare_ties", "della": onBase(elected(differences.indices.map { largest($0) }))
        case "breadcrumbs": onBase(sum(weighted(differences.indices.map { largest($0) })))
        case "breadcrumbs_ties": onBase(elected(differences.indices.map { largest($0) }))
        case "add_difference": zip(inputs[0], differences[1]).map { $0 + number("alpha") * $1 }
        case "model_stock": modelStock
        case "sce": sce
        case "ram": ram(inputs.map { _ in 1 })
        case "ramplus_tl": ram(ramFactors)
        case "magmax": magmax
        case "consensus": consensus
        case "nearswap": nearswap
        case "arcee_fusion": arceeFusion
        case "lines":
            zip(base, differences[0]).map { $0 + (number("alpha") + number("beta") * number("depth")) * $1 }
        case "rescale_norm": rescaleNorm
        default: nil
        }
    }

    // MARK: - Parameters

    func number(_ name: String) -> Double {
        parameters.global[name] ?? descriptor.parameter(named: name)?.defaultValue ?? 0
    }

    func each(_ name: String) -> [Double] {
        inputs.indices.map { input in
            (input < parameters.inputs.count ? parameters.inputs[input][name] : nil) ?? number(name)
        }
    }

    var weights: [Double] { each("weight") }

    // MARK: - Vectors

    func dot(_ a: [Double], _ b: [Double]) -> Double { zip(a, b).reduce(0) { $0 + $1.0 * $1.1 } }

    func length(_ a: [Double]) -> Double { dot(a, a).squareRoot() }

    func combination(_ factors: [Double], of vectors: [[Double]]? = nil) -> [Double] {
        let vectors = vectors ?? inputs
        return vectors[0].indices.map { i in
            zip(vectors, factors).reduce(0) { $0 + $1.0[i] * $1.1 }
        }
    }

    func onBase(_ sum: [Double]) -> [Double] { zip(base, sum).map { $0 + number("lambda") * $1 } }

    func rows(_ vector: [Double]) -> [[Double]] {
        stride(from: 0, to: vector.count, by: rowLength).map { Array(vector[$0..<($0 + rowLength)]) }
    }

    // MARK: - Interpolation

    var linear: [Double] {
        let sum = weights.reduce(0, +)
        return combination(weights.map { number("normalize") == 1 ? $0 / sum : $0 })
    }

    /// The walk along the arc; slerp takes a line also between nearly equal directions.
    func arc(_ a: [Double], _ b: [Double], _ t: Double, isFull: Bool) -> [Double] {
        let lengths = length(a) * length(b)
        let cosine = lengths > 0 ? dot(a, b) / lengths : 1
        let isLine = isFull ? cosine <= -0.9995 || cosine >= 1 : abs(cosine) > 0.9995
        guard !isLine else { return combination([1 - t, t], of: [a, b]) }
        let angle = acos(cosine)
        return combination([sin((1 - t) * angle) / sin(angle), sin(t * angle) / sin(angle)], of: [a, b])
    }

    var nuslerp: [Double] {
        let t = weights[1] / (weights[0] + weights[1])
        let vectors = base.isEmpty ? inputs : differences
        var merged: [Double]
        if number("nuslerp_flatten") == 1 {
            merged = arc(vectors[0], vectors[1], t, isFull: true)
        } else if number("nuslerp_row_wise") == 0 {
            merged = zip(rows(vectors[0]), rows(vectors[1])).flatMap { arc($0, $1, t, isFull: true) }
        } else {
            // Of a matrix: each column is gathered, merged and put back.
            merged = vectors[0]
            for column in 0..<min(rowLength, merged.count) {
                let places = stride(from: column, to: merged.count, by: rowLength)
                let values = arc(places.map { vectors[0][$0] }, places.map { vectors[1][$0] }, t, isFull: true)
                for (place, value) in zip(places, values) { merged[place] = value }
            }
        }
        return base.isEmpty ? merged : zip(merged, base).map { $0 + $1 }
    }

    var multislerp: [Double] {
        let vectors = base.isEmpty ? inputs : differences
        let sum = weights.reduce(0, +)
        let shares = weights.map { number("normalize_weights") == 1 ? $0 / sum : $0 }
        let mean = combination(zip(shares, vectors).map { $0 / (length($1) + number("eps")) }, of: vectors)
        let scale = zip(shares, vectors).reduce(0) { $0 + $1.0 * length($1.1) } / length(mean)
        return mean.indices.map { mean[$0] * scale + (base.isEmpty ? 0 : base[$0]) }
    }

    var karcher: [Double] {
        let lengths = inputs.map { length($0) }
        let units = zip(inputs, lengths).map { input, length in input.map { $0 / length } }
        let share = 1 / Double(inputs.count)
        var mean = combination(units.map { _ in share }, of: units)
        let first = length(mean)
        mean = mean.map { $0 / first }
        for _ in 0..<Int(number("max_iter")) {
            var step = mean.map { _ in 0.0 }
            for unit in units {
                let cosine = min(1, max(-1, dot(mean, unit)))
                let angle = acos(cosine)
                guard angle >= number("tol"), angle > 0 else { continue }
                for i in step.indices { step[i] += share * angle / sin(angle) * (unit[i] - cosine * mean[i]) }
            }
            let size = length(step)
            guard size >= number("tol") else { break }
            mean = mean.indices.map { cos(size) * mean[$0] + sin(size) / size * step[$0] }
            let length = length(mean)
            mean = mean.map { $0 / length }
        }
        return mean.map { $0 * lengths.reduce(0, +) * share }
    }

    var modelStock: [Double] {
        func stock(_ vectors: [[Double]]) -> [Double] {
            var cosines: [Double] = []
            for i in vectors.indices {
                for j in vectors.indices where j > i {
                    let lengths = length(vectors[i]) * length(vectors[j])
                    cosines.append(lengths > 0 ? dot(vectors[i], vectors[j]) / lengths : 0)
                }
            }
            let cosine = max(0, cosines.reduce(0, +) / Double(cosines.count))
            let count = Double(vectors.count)
            let ratio = count * cosine / (1 + (count - 1) * cosine)
            return combination(vectors.map { _ in ratio / count }, of: vectors)
        }
        let split = differences.map { rows($0) }
        let moved =
            number("filter_wise") == 1
            ? (split.first ?? []).indices.flatMap { row in stock(split.map { $0[row] }) } : stock(differences)
        return zip(base, moved).map { $0 + $1 }
    }

    var rescaleNorm: [Double] {
        let measures = inputs.dropFirst().map { length($0) } + (base.isEmpty ? [] : [length(base)])
        let mean = measures.reduce(0, +) / Double(max(1, measures.count))
        let own = length(inputs[0])
        guard own > 0, !measures.isEmpty else { return inputs[0] }
        return inputs[0].map { $0 * (1 + number("strength") * (mean / own - 1)) }
    }
}

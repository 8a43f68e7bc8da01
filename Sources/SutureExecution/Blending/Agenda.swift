import SutureMerging

/// What of a ``Schedule`` is done, under way and to come.
struct Agenda: Sendable {
    /// Something to do.
    enum Step: Sendable {
        /// Make a piece of the output with the tensors that it needs.
        case piece(Int, [Int: PreparedTensor])
        /// Open a tensor, whose survey then begins.
        case open(Schedule.Tensor)
        /// Look at one chunk of a tensor.
        case chunk(Int, SurveyJob, Schedule.Tensor, OpenTensor)

        /// Where it stands in the order of failures.
        var place: Place {
            switch self {
            case .piece(let piece, _): Place(piece: piece, tensor: .max)
            case .open(let tensor), .chunk(_, _, let tensor, _): Place(tensor)
            }
        }
    }

    /// What a thread is told.
    enum Outcome: Sendable {
        case step(Step)
        /// Nothing is left for it to do.
        case done
    }

    /// The order in which things would happen one after another: a tensor is surveyed before its first piece is made.
    struct Place: Comparable, Sendable {
        let piece: Int
        let tensor: Int

        /// Before everything.
        static let start = Place(piece: -1, tensor: 0)

        init(piece: Int, tensor: Int) {
            (self.piece, self.tensor) = (piece, tensor)
        }

        init(_ tensor: Schedule.Tensor) {
            self.init(piece: tensor.pieces.lowerBound, tensor: tensor.index)
        }

        static func < (a: Place, b: Place) -> Bool { (a.piece, a.tensor) < (b.piece, b.tensor) }
    }

    /// A tensor that is being surveyed.
    private struct Survey: Sendable {
        let tensor: Schedule.Tensor
        /// Its evaluator and survey, while no thread is opening it or taking what a survey found.
        var open: OpenTensor?
        var job: SurveyJob?
        var nextChunk = 0
        var chunksLeft = 0
        /// Whether it has been given room for its statistics.
        var hasRoom = false

        /// The bytes of statistics that its surveys hold at most.
        func byteCount(width: Int) -> Int {
            guard let cost = open?.evaluator.cost else { return 0 }
            return cost.statisticsByteCount * (width + 1) + cost.collectedByteCount
        }
    }

    /// A tensor and its evaluator, which does not know yet all that it must.
    struct OpenTensor: Sendable {
        var evaluator: MergeEvaluator
        let numbers: StoredNumbers
    }

    private let pieceCount: Int
    private let tensors: [Schedule.Tensor]
    private let limits: Schedule.Limits
    private let width: Int
    private var nextPiece = 0
    private var nextTensor = 0
    /// Tensors under survey, in order.
    private var surveys: [Survey] = []
    /// Tensors that are surveyed and have pieces to come, in order.
    private var surveyed: [(tensor: Schedule.Tensor, prepared: PreparedTensor)] = []
    private var heldByteCount = 0

    /// The failure that comes first of those there were.
    private(set) var failure: (place: Place, error: ExecutionError)?

    init(_ pieceCount: Int, _ tensors: [Schedule.Tensor], _ limits: Schedule.Limits, width: Int) {
        self.pieceCount = pieceCount
        self.tensors = tensors
        self.limits = limits
        self.width = width
    }

    /// Hands out the next step.
    ///
    /// - Parameter onSurveyed: Is told of each tensor when its last piece is handed out.
    /// - Returns: The step, or that there is none any more; `nil` while others must finish something first.
    mutating func next(_ onSurveyed: (PreparedTensor) -> Void) -> Outcome? {
        if let piece = takePiece(onSurveyed) { return .step(piece) }
        if let chunk = takeChunk() { return .step(chunk) }
        if let tensor = takeTensor() { return .step(.open(tensor)) }
        guard nextPiece < pieceCount, !surveys.isEmpty else { return .done }
        if let failure, surveys.allSatisfy({ Place($0.tensor) >= failure.place }) { return .done }
        return nil
    }

    /// The next piece, where all that it needs is known.
    ///
    /// After a failure, what comes before it is still made, so that the first is told whatever the threads did.
    private mutating func takePiece(_ onSurveyed: (PreparedTensor) -> Void) -> Step? {
        let firstUnknown = surveys.first?.tensor ?? (nextTensor < tensors.count ? tensors[nextTensor] : nil)
        let piece = nextPiece
        guard piece < pieceCount, piece < firstUnknown?.pieces.lowerBound ?? .max,
            isWanted(Place(piece: piece, tensor: .max))
        else { return nil }
        var needed: [Int: PreparedTensor] = [:]
        for (tensor, prepared) in surveyed {
            if tensor.pieces.lowerBound > piece { break }
            needed[tensor.index] = prepared
            if tensor.pieces.upperBound == piece + 1 { onSurveyed(prepared) }
        }
        surveyed.removeAll { $0.tensor.pieces.upperBound == piece + 1 }
        nextPiece += 1
        return .piece(piece, needed)
    }

    private mutating func takeChunk() -> Step? {
        for index in surveys.indices where isWanted(Place(surveys[index].tensor)) {
            let survey = surveys[index]
            guard let job = survey.job, let open = survey.open, survey.nextChunk < job.chunkCount else { continue }
            if !survey.hasRoom {
                let byteCount = survey.byteCount(width: width)
                guard heldByteCount == 0 || heldByteCount + byteCount <= limits.statisticsByteCount else { return nil }
                heldByteCount += byteCount
                surveys[index].hasRoom = true
            }
            surveys[index].nextChunk += 1
            // From the end on: what was looked at last is in the processor's cache when the first piece is made.
            return .chunk(job.chunkCount - 1 - survey.nextChunk, job, survey.tensor, open)
        }
        return nil
    }

    /// The next tensor, unless many wait for room already.
    private mutating func takeTensor() -> Schedule.Tensor? {
        guard nextTensor < tensors.count, isWanted(Place(tensors[nextTensor])) else { return nil }
        let tensor = tensors[nextTensor]
        guard tensor.pieces.lowerBound - nextPiece < limits.ahead, surveys.count(where: { !$0.hasRoom }) < width else {
            return nil
        }
        nextTensor += 1
        surveys.append(Survey(tensor: tensor))
        return tensor
    }

    private func isWanted(_ place: Place) -> Bool { failure.map { place < $0.place } ?? true }

    /// Takes a tensor's next survey, or that there is none left.
    mutating func settle(_ tensor: Schedule.Tensor, _ open: OpenTensor, _ job: SurveyJob?) {
        guard let index = surveys.firstIndex(where: { $0.tensor.index == tensor.index }) else { return }
        surveys[index].open = open
        surveys[index].job = job
        surveys[index].nextChunk = 0
        surveys[index].chunksLeft = job?.chunkCount ?? 0
        guard job == nil else { return }
        let survey = surveys.remove(at: index)
        if survey.hasRoom { heldByteCount -= survey.byteCount(width: width) }
        let place = surveyed.lastIndex { Place($0.tensor) < Place(tensor) }.map { $0 + 1 } ?? 0
        surveyed.insert((tensor, PreparedTensor(evaluator: open.evaluator, numbers: open.numbers)), at: place)
    }

    /// Notes that a chunk of a tensor was looked at.
    ///
    /// - Returns: The tensor, if that was its survey's last chunk; it is then the caller's.
    mutating func finishChunk(of tensor: Schedule.Tensor) -> OpenTensor? {
        guard let index = surveys.firstIndex(where: { $0.tensor.index == tensor.index }) else { return nil }
        surveys[index].chunksLeft -= 1
        guard surveys[index].chunksLeft == 0 else { return nil }
        return surveys[index].open
    }

    /// Notes a failure; what comes before its place is still done.
    mutating func fail(_ error: ExecutionError, at place: Place) {
        if failure.map({ place < $0.place }) ?? true { failure = (place, error) }
    }
}

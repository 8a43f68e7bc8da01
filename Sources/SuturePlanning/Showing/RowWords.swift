import SutureCheckpoints
import SutureJSON
import SutureTensors
import SutureTokenizers
import SystemPackage

// Rows of single tokens, for people.

extension Plan {
    /// The tensors with a row for each token: those outside the layers of which rows are moved, or else as many of.
    package var tables: [Tensor] {
        let outside = tensors.filter { layer(of: $0) == nil && $0.spec.shape.rank == 2 }
        let rows = outside.filter { !$0.expression.rowGatherings.isEmpty }.map { $0.spec.shape.dimensions[0] }.max()
        let most = rows ?? outside.map { $0.spec.shape.dimensions[0] }.max() ?? 0
        return outside.filter { $0.spec.shape.dimensions[0] == most }
    }

    /// The number that a token has in the tokenizer that is written.
    package func number(ofToken token: String) -> Int? {
        for name in TokenVocabulary.fileNames {
            let text = documents.first { $0.name == name }.map { Array($0.text.utf8) }
            let file = companions.first { $0.name == name }.flatMap { SmallFile.bytes(FilePath($0.path)) }
            guard let bytes = text ?? file else { continue }
            let added = documents.first { $0.name == "added_tokens.json" }
            let more = added.flatMap { try? JSONParser.parse(Array($0.text.utf8)) }?.object
            return TokenVocabulary.read(bytes, ofFile: name, addedTokens: more)?.numbers[TokenText(token)]
        }
        return nil
    }
}

extension Plan.Tensor {
    /// How many of its rows are of which kind, where rows are moved: "32000 rows as they are, 3 from b, 1 mean of 2".
    func rowWords(in plan: Plan) -> String? {
        let gatherings = expression.rowGatherings
        guard let count = gatherings.first?.blockCount else { return nil }
        var starts: Set<Int> = [count]
        for gathered in gatherings {
            var place = 0
            for run in gathered.runs {
                starts.insert(place)
                place += run.count
            }
        }
        var cursors = gatherings.map { (run: 0, end: $0.runs.first?.count ?? 0) }
        var kinds: [(words: String, count: Int)] = [("rows as they are", 0)]
        let places = starts.sorted()
        for (place, next) in zip(places, places.dropFirst()) {
            var words = "rows as they are"
            for (index, gathered) in gatherings.enumerated() {
                while cursors[index].end <= place, cursors[index].run + 1 < gathered.runs.count {
                    cursors[index].run += 1
                    cursors[index].end += gathered.runs[cursors[index].run].count
                }
                if let kind = gathered.kind(of: cursors[index].run, in: plan) { words = kind }
            }
            if let known = kinds.firstIndex(where: { $0.words == words }) {
                kinds[known].count += next - place
            } else {
                kinds.append((words, next - place))
            }
        }
        return kinds.filter { $0.count > 0 }.map { "\($0.count) \($0.words)" }.joined(separator: ", ")
    }
}

extension GatheredTensor {
    /// What a run of rows is, where those are not the input's that all are mainly of.
    fileprivate func kind(of run: Int, in plan: Plan) -> String? {
        switch runs[run] {
        case .blocks(0, _): nil
        case .blocks(let input, _):
            "from " + (inputs[input].leaves.first.map { plan.sources[$0.source].name } ?? "none")
        case .mean(let blocks): "mean of \(blocks.count)"
        case .filled(0, _): "of zeros"
        case .filled: "of one number"
        case .padding: "of padding"
        }
    }
}

extension TensorExpression {
    /// The gatherings of rows in it whose rows come from anywhere, outermost first.
    fileprivate var rowGatherings: [GatheredTensor] {
        if case .gathered(let gathered) = self, gathered.joined == nil { return gathered.isOfRows ? [gathered] : [] }
        return children.flatMap(\.rowGatherings)
    }

    /// What one of its rows is made of.
    fileprivate func rowOf(_ gathered: GatheredTensor, _ number: Int) -> TensorExpression {
        if let (first, rows, rest) = gathered.joined { return (number < rows ? first : rest ?? first).row(number) }
        var place = number
        for run in gathered.runs {
            guard place >= run.count else {
                return .gathered(GatheredTensor(inputs: gathered.inputs, runs: [run.part(place..<place + 1)]))
            }
            place -= run.count
        }
        return self
    }

    /// The same of one row alone, for people: nothing can be computed of it.
    func row(_ number: Int) -> TensorExpression {
        switch self {
        case .stored, .adapted:
            .gathered(GatheredTensor(inputs: [self], runs: [.blocks(of: 0, number..<number + 1)]))
        case .gathered(let gathered) where gathered.isOfRows: rowOf(gathered, number)
        case .gathered, .filled: self
        case .scaled, .rounded, .blended: map { $0.row(number) }
        }
    }
}

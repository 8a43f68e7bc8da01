package import SutureArchitectures

extension ModelDifference {
    /// What was found, summed over the tensors of a layer that play one kind of role.
    package struct Cell: Hashable, Sendable {
        /// The layer of the second model; `nil` for what stands outside its layers.
        package let layer: Int?

        /// The kind of role.
        package let group: Role.Group

        /// How many tensors there are, and how many of them are equal.
        package var count = 0, equalCount = 0

        /// What is known of those that were measured.
        package var statistics = PairStatistics.Finding()
    }

    /// The cells, by layer and role; what stands outside the layers comes first.
    package var cells: [Cell] {
        var cells: [Cell] = []
        var places: [CellKey: Int] = [:]
        for pair in pairs {
            let key = CellKey(layer: pair.layer, group: pair.role.group)
            let place = places[key] ?? cells.count
            if place == cells.count {
                places[key] = place
                cells.append(Cell(layer: pair.layer, group: pair.role.group))
            }
            cells[place].count += 1
            if pair.isEqual { cells[place].equalCount += 1 }
            if pair.isMeasured { cells[place].statistics.add(pair.statistics) }
        }
        return cells
    }

    /// What is known of all that was measured.
    package var total: PairStatistics.Finding {
        pairs.reduce(into: PairStatistics.Finding()) { sum, pair in
            if pair.isMeasured { sum.add(pair.statistics) }
        }
    }

    /// Whether both have the same tensors, byte for byte, in the same layers.
    package var isEqual: Bool { unpaired.isEmpty && pairs.allSatisfy { $0.isEqual && $0.name == $0.originalName } }

    private struct CellKey: Hashable {
        let layer: Int?
        let group: Role.Group
    }
}

import SutureArchitectures
import SutureTensors
import Testing

@Suite("The anatomy of every family")
struct FamilyRoleTests {
    @Test("says which half of a layer each tensor belongs to", arguments: FamilyFixture.all)
    func halves(of family: FamilyFixture) throws {
        #expect(try family.mistakes() == [])
    }
}

extension FamilyFixture {
    /// What an anatomy of the family gets wrong, in words; none where all is right.
    func mistakes() throws -> [String] {
        let tensors = try tensors()
        let anatomy: Anatomy
        do {
            anatomy = try Anatomy.read(config: config, tensors: tensors)
        } catch {
            return ["refused: \(error)"]
        }
        var mistakes: [String] = []
        let parts = Dictionary(uniqueKeysWithValues: zip(tensors.map(\.name), anatomy.parts))
        for run in runs where !run.kinds.isEmpty {
            guard let stack = anatomy.stacks.firstIndex(where: { $0.prefix == run.prefix }) else {
                mistakes.append("no stack \(run.prefix)")
                continue
            }
            if anatomy.stacks[stack].layerCount != run.layerCount {
                mistakes.append("\(run.prefix): \(anatomy.stacks[stack].layerCount) layers, not \(run.layerCount)")
            }
            if let key = run.countKey, !key.hasPrefix("len("),
                !anatomy.stacks[stack].countPaths.contains(key.split(separator: ".").map(String.init))
            {
                mistakes.append("\(run.prefix): counted by \(anatomy.stacks[stack].countPaths), not by \(key)")
            }
            for kind in run.kinds {
                for (suffix, label) in kind.labels {
                    let name = "\(run.prefix).\(kind.layers[0]).\(Self.expanded(suffix)[0])"
                    guard let part = parts[name] else { continue }
                    guard case .layer(_, _, _, let role) = part else {
                        mistakes.append("\(name) is \(part)")
                        continue
                    }
                    if role.sublayer != label {
                        mistakes.append("\(suffix) [\(role)] is \(role.sublayer), not \(label)")
                    }
                }
            }
        }
        for name in embedding where parts[name] != .end(.embed) {
            mistakes.append("embedding \(name) is \(parts[name].map { "\($0)" } ?? "-")")
        }
        for name in head where parts[name] != .end(.head) {
            mistakes.append("head \(name) is \(parts[name].map { "\($0)" } ?? "-")")
        }
        let main = anatomy.mainStack.prefix.split(separator: ".").first
        for name in norm where parts[name] != .end(.norm) && name.split(separator: ".").first == main {
            mistakes.append("norm \(name) is \(parts[name].map { "\($0)" } ?? "-")")
        }
        return mistakes.sorted()
    }
}

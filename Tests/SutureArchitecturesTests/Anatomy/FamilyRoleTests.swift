import SutureArchitectures
import SutureJSON
import SutureTensors
import SutureTestSupport
import Testing

@Suite("The anatomy of every family", .tags(.slow), .unlessQuick)
struct FamilyRoleTests {
    /// Families whose layers cannot be moved, whatever their names say.
    static let refused: Set<String> = ["albert", "funnel", "perceiver", "mixformer-sequential"]

    @Test(
        "says which half of a layer each tensor belongs to",
        arguments: FamilyFixture.all.filter { !refused.contains($0.modelType) }
    )
    func halves(of family: FamilyFixture) throws {
        let mistakes = try family.mistakes()
        #expect(mistakes.isEmpty, Comment(rawValue: mistakes.joined(separator: "\n")))
    }

    @Test("puts every name together again", arguments: FamilyFixture.all.filter { !refused.contains($0.modelType) })
    func names(of family: FamilyFixture) throws {
        let tensors = try family.tensors()
        let anatomy = try Anatomy.read(config: family.config, tensors: tensors)
        for (tensor, part) in zip(tensors, anatomy.parts) {
            guard case .layer(let stack, let layer, let suffix, _) = part else { continue }
            #expect(anatomy.name(stack: stack, layer: layer, suffix: suffix) == tensor.name)
        }
    }

    @Test("refuses what cannot be moved", arguments: FamilyFixture.all.filter { refused.contains($0.modelType) })
    func refuses(_ family: FamilyFixture) throws {
        let tensors = try family.tensors()
        #expect(throws: AnatomyError.self) { try Anatomy.read(config: family.config, tensors: tensors) }
    }

    /// A family that nobody has told the table of is served by the rules.
    @Test("needs the table for few families")
    func generality() throws {
        let families = FamilyFixture.all.filter { !Self.refused.contains($0.modelType) }
        let wrong = try families.filter { try !$0.mistakes(as: "unheard-of").isEmpty }
        #expect(wrong.count <= 9, Comment(rawValue: wrong.map(\.testDescription).joined(separator: ", ")))
        #expect(families.count > 280)
    }

    @Test("knows what ties its head without saying so", arguments: FamilyFixture.all.filter { $0.tied != nil })
    func tied(_ family: FamilyFixture) throws {
        guard let anatomy = try? Anatomy.read(config: family.config, tensors: family.tensors()) else { return }
        #expect(anatomy.facts.isTied.value == family.tied)
    }
}

extension FamilyFixture {
    /// What an anatomy of the family gets wrong, in words; none where all is right.
    ///
    /// - Parameter name: The family that the config names, if not its own.
    /// - Returns: One sentence a mistake.
    /// - Throws: An error where the fixture itself is wrong.
    func mistakes(as name: String? = nil) throws -> [String] {
        let tensors = try tensors()
        var config = config
        if let name { config["model_type"] = .string(name) }
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
                    let name = run.name(kind.layers[0], Self.expanded(suffix)[0])
                    guard let part = parts[name] else {
                        mistakes.append("\(name) is missing")
                        continue
                    }
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
        let main = anatomy.mainStack.prefix.split(separator: ".")
        let others = anatomy.stacks.filter { !$0.isMain }.map { $0.prefix.split(separator: ".") }
        for name in norm where parts[name] != .end(.norm) {
            // The norm of a stack that is carried as it is goes with that stack.
            let path = name.split(separator: ".")
            let isCarried = others.contains { other in
                path.starts(with: other.dropLast()) || path.first == other.first && path.first != main.first
            }
            guard !isCarried else { continue }
            mistakes.append("norm \(name) is \(parts[name].map { "\($0)" } ?? "-")")
        }
        return mistakes.sorted()
    }
}

import Glibc
import SutureDiagnostics
import SutureRecipes
import SutureTestSupport
import Testing

/// The recipes that come with the program.
@Suite("The recipes in recipes/")
struct PublishedRecipesTests {
    private static let folder = Fixture.folder + "/../../recipes"

    static let names: [String] = {
        guard let directory = opendir(folder) else { return [] }
        defer { closedir(directory) }
        var names: [String] = []
        while let entry = readdir(directory) {
            let name = withUnsafeBytes(of: entry.pointee.d_name) { bytes in
                String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
            }
            if name.hasSuffix(".yml") { names.append(name) }
        }
        return names.sorted()
    }()

    private static func text(_ name: String) -> String? {
        guard let file = fopen(folder + "/" + name, "r") else { return nil }
        defer { fclose(file) }
        var bytes = [UInt8](repeating: 0, count: 1 << 16)
        let count = fread(&bytes, 1, bytes.count, file)
        return String(decoding: bytes[..<count], as: UTF8.self)
    }

    @Test("are there")
    func areThere() {
        #expect(Self.names.count >= 9)
    }

    @Test("are read without a word of complaint, say what they do, and print to what reads back", arguments: names)
    func areRead(name: String) throws {
        let text = try #require(Self.text(name))
        #expect(text.hasPrefix("# "))
        let others = Dictionary(uniqueKeysWithValues: Self.names.map { ("./" + $0, Self.text($0) ?? "") })
        let reading = read(text, path: name, others: others)
        let graph = try #require(reading.graph, "\(reading.drawn)")
        #expect(reading.drawn == "")
        guard !graph.usesOthers else { return }
        let printed = RecipePrinter.print(graph)
        let again = read(printed)
        #expect(again.drawn == "")
        #expect(again.graph.map(RecipePrinter.print) == printed)
    }
}

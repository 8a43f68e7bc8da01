import SutureArchitectures
import SutureCheckpoints
package struct LayerOrigin: Hashable, Sendable { package var source: Int; package var layer: Int; package init(source: Int, layer: Int) { self.source = source; self.layer = layer } }
enum ConfigSurgery { static func rewrite(sources: [(config: JSONObject, anatomy: Anatomy, name: String)], donor: Int, layers: [(attention: LayerOrigin, mlp: LayerOrigin)]) -> (config: JSONObject, findings: [ConfigFinding]) { var c = sources[donor].config; for p in sources[donor].anatomy.mainStack.countPaths { c[p] = .int(layers.count) }; return (c, []) } }

package import SutureRecipes
import SutureArchitectures
package import SutureMerging

extension RecipeVocabulary {
    /// The words of the methods of a registry, and of every role.
    package init(_ registry: MergeRegistry) {
        self.init(
            methods: registry.methods.map { method in Method(method.descriptor) },
            roles: RoleSelector.known,
            roleFault: { text in
                do throws(RoleSelector.Unknown) {
                    _ = try RoleSelector(parsing: text)
                    return nil
                } catch {
                    return RoleFault(reason: error.reason, suggestions: error.suggestions)
                }
            }
        )
    }
}

extension RecipeVocabulary.Method {
    /// The words of a merge method.
    init(_ descriptor: MergeDescriptor) {
        let base: RecipeVocabulary.Base =
            switch descriptor.base {
            case .unused: .unused
            case .optional: .optional
            case .required: .required
            case .firstInput: .member
            }
        self.init(
            name: descriptor.name,
            summary: descriptor.summary,
            parameters: descriptor.parameters.filter { !$0.isLayerPosition }.map(RecipeVocabulary.Parameter.init),
            base: base,
            inputs: descriptor.inputs,
            layerPosition: descriptor.parameters.first { $0.isLayerPosition }?.name,
            inert: descriptor.ignored
        )
    }
}

extension RecipeVocabulary.Parameter {
    /// The words of a merge method's parameter.
    init(_ parameter: MergeParameter) {
        let bounds: (least: Double?, most: Double?)
        let kind: SliceGraph.ParameterDeclaration.Kind
        switch parameter.kind {
        case .number(let range):
            kind = .float
            bounds = (
                range.lowerBound.isFinite ? range.lowerBound : nil, range.upperBound.isFinite ? range.upperBound : nil
            )
        case .integer(let range):
            kind = .int
            bounds = (Double(range.lowerBound), range.upperBound == .max ? nil : Double(range.upperBound))
        case .flag:
            kind = .bool
            bounds = (0, 1)
        }
        self.init(
            name: parameter.name,
            isPerInput: parameter.scope == .perInput,
            isRequired: parameter.isRequired,
            kind: kind,
            minimum: bounds.least,
            maximum: bounds.most,
            fallback: parameter.defaultValue,
            usual: parameter.usual,
            isStrict: parameter.isStrict,
            summary: parameter.summary
        )
    }
}

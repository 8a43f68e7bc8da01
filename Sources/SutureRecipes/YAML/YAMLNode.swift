package import SutureDiagnostics

/// A value of a YAML document, with the place where it is written.
///
/// Aliases and merge keys are already followed; what came through an alias keeps the place where it
/// was first written, which is where it would be changed.
package struct YAMLNode: Hashable, Sendable {
    /// What the node holds.
    package var content: Content
    /// From its first character to the first place after its last.
    package var range: SourceRange
    /// Whether an alias may repeat it.
    package var isAnchored = false
    /// Whether the caller of an imported recipe put it there, so that `caller.` may be used in it.
    package var belongsToCaller = false

    /// Creates a node.
    package init(_ content: Content, range: SourceRange) {
        self.content = content
        self.range = range
    }

    /// What a node holds.
    package enum Content: Hashable, Sendable {
        case scalar(YAMLScalar)
        case sequence([YAMLNode])
        case mapping([Pair])
    }

    /// A key of a mapping and its value.
    ///
    /// Duplicate keys are kept; what they mean is the dialect's to say.
    package struct Pair: Hashable, Sendable {
        /// The key.
        package var key: YAMLNode
        /// The value.
        package var value: YAMLNode

        /// Creates a pair.
        package init(key: YAMLNode, value: YAMLNode) {
            self.key = key
            self.value = value
        }
    }

    /// The scalar, where the node is one.
    package var scalar: YAMLScalar? {
        guard case .scalar(let scalar) = content else { return nil }
        return scalar
    }

    /// The elements, where the node is a sequence.
    package var elements: [YAMLNode]? {
        guard case .sequence(let elements) = content else { return nil }
        return elements
    }

    /// The pairs, where the node is a mapping.
    package var pairs: [Pair]? {
        guard case .mapping(let pairs) = content else { return nil }
        return pairs
    }

    /// Whether the node is a scalar that stands for nothing: empty, `~` or `null`.
    package var isNull: Bool { scalar?.isNull ?? false }

    /// The value of the last pair whose key is this text, as readers for which the last one wins see it.
    package subscript(key: String) -> YAMLNode? {
        pairs?.last { $0.key.scalar?.text == key }?.value
    }

    /// What the node is, in words a person who writes YAML uses.
    package var kindInWords: String {
        switch content {
        case .scalar(let scalar): scalar.isNull ? "nothing" : "'\(scalar.text.prefix(40))'"
        case .sequence: "a list"
        case .mapping: "a mapping"
        }
    }
}

/// The text of a YAML scalar and the way in which it is written.
package struct YAMLScalar: Hashable, Sendable {
    /// How a scalar is written.
    package enum Style: Hashable, Sendable {
        case plain, singleQuoted, doubleQuoted, literal, folded
    }

    /// The text, escapes undone and lines folded.
    package var text: String
    /// How it is written.
    package var style: Style
    /// The tag it is given, such as `tag:yaml.org,2002:str`.
    package var tag: String?

    /// Creates a scalar.
    package init(_ text: String, style: Style = .plain, tag: String? = nil) {
        self.text = text
        self.style = style
        self.tag = tag
    }

    /// Whether the text is all there is to know: it is quoted, a block, or tagged as text.
    package var isText: Bool {
        if let tag { return tag == YAMLTag.text || tag == YAMLTag.nonSpecific }
        return style != .plain
    }

    /// Whether it stands for nothing, in both versions of YAML.
    package var isNull: Bool {
        if let tag { return tag == YAMLTag.null }
        return style == .plain && ["", "~", "null", "Null", "NULL"].contains(text)
    }
}

/// The tags that recipes may carry.
package enum YAMLTag {
    /// `!!str`.
    package static let text = "tag:yaml.org,2002:str"
    /// `!!int`.
    package static let integer = "tag:yaml.org,2002:int"
    /// `!!float`.
    package static let number = "tag:yaml.org,2002:float"
    /// `!!bool`.
    package static let boolean = "tag:yaml.org,2002:bool"
    /// `!!null`.
    package static let null = "tag:yaml.org,2002:null"
    /// `!!seq`.
    package static let sequence = "tag:yaml.org,2002:seq"
    /// `!!map`.
    package static let mapping = "tag:yaml.org,2002:map"
    /// `!`, which makes a scalar a text.
    package static let nonSpecific = "!"

    /// All of them.
    package static let known: Set<String> = [text, integer, number, boolean, null, sequence, mapping, nonSpecific]
}

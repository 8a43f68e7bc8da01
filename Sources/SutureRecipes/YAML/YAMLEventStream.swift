import CLibYAML

/// One step through a YAML text, as libyaml reports it.
struct YAMLEvent {
    enum Kind {
        case streamStart, streamEnd, documentStart, documentEnd
        case alias(String)
        case scalar(YAMLScalar, anchor: String?)
        case sequenceStart(anchor: String?, tag: String?, isFlow: Bool)
        case sequenceEnd
        case mappingStart(anchor: String?, tag: String?, isFlow: Bool)
        case mappingEnd
    }

    /// A place in the text, counted from 0.
    struct Place {
        /// The line.
        var line: Int
        /// The Unicode scalar in the line.
        var column: Int
    }

    let kind: Kind
    let start: Place
    let end: Place
}

/// What libyaml found wrong with a text.
struct YAMLSyntaxFault: Error {
    /// libyaml's words.
    let problem: String
    /// What it was reading, in its words.
    let context: String?
    /// Where it stopped; `nil` when ``byteOffset`` says so instead.
    let place: YAMLEvent.Place?
    /// The byte that is no character of YAML.
    let byteOffset: Int?
}

/// The events of a YAML text, one after another, read by libyaml.
///
/// The stream owns the bytes: libyaml keeps the pointer it is given.
@safe
struct YAMLEventStream: ~Copyable {
    private let parser: UnsafeMutablePointer<yaml_parser_t>
    private let bytes: UnsafeMutableBufferPointer<UInt8>
    private var isReady = false

    /// Starts at the beginning of a text.
    ///
    /// - Returns: The stream, or `nil` when there is no memory for it.
    static func open(_ text: Substring.UTF8View) -> YAMLEventStream? {
        var stream = YAMLEventStream(text)
        guard stream.start() else { return nil }
        return consume stream
    }

    private init(_ text: Substring.UTF8View) {
        unsafe parser = UnsafeMutablePointer.allocate(capacity: 1)
        unsafe parser.initialize(to: yaml_parser_t())
        unsafe bytes = UnsafeMutableBufferPointer.allocate(capacity: text.count)
        _ = unsafe bytes.initialize(from: text)
    }

    private mutating func start() -> Bool {
        guard unsafe yaml_parser_initialize(parser) == 1 else { return false }
        isReady = true
        unsafe yaml_parser_set_encoding(parser, YAML_UTF8_ENCODING)
        unsafe yaml_parser_set_input_string(parser, bytes.baseAddress, bytes.count)
        return true
    }

    deinit {
        if isReady { unsafe yaml_parser_delete(parser) }
        unsafe parser.deallocate()
        unsafe bytes.deallocate()
    }

    /// Reads the next event.
    ///
    /// - Throws: ``YAMLSyntaxFault`` when the text is not YAML; the stream is of no use afterwards.
    mutating func next() throws(YAMLSyntaxFault) -> YAMLEvent {
        var event = unsafe yaml_event_t()
        guard unsafe yaml_parser_parse(parser, &event) == 1 else { throw fault() }
        defer { unsafe yaml_event_delete(&event) }
        return unsafe YAMLEvent(
            kind: kind(of: event),
            start: YAMLEvent.Place(event.start_mark),
            end: YAMLEvent.Place(event.end_mark)
        )
    }

    private func kind(of event: yaml_event_t) -> YAMLEvent.Kind {
        switch unsafe event.type {
        case YAML_STREAM_START_EVENT: return .streamStart
        case YAML_DOCUMENT_START_EVENT: return .documentStart
        case YAML_DOCUMENT_END_EVENT: return .documentEnd
        case YAML_ALIAS_EVENT:
            let name = unsafe event.data.alias.anchor
            return unsafe .alias(text(name) ?? "")
        case YAML_SCALAR_EVENT: return unsafe scalar(event)
        case YAML_SEQUENCE_START_EVENT:
            return unsafe .sequenceStart(
                anchor: text(event.data.sequence_start.anchor),
                tag: text(event.data.sequence_start.tag),
                isFlow: event.data.sequence_start.style == YAML_FLOW_SEQUENCE_STYLE
            )
        case YAML_SEQUENCE_END_EVENT: return .sequenceEnd
        case YAML_MAPPING_START_EVENT:
            return unsafe .mappingStart(
                anchor: text(event.data.mapping_start.anchor),
                tag: text(event.data.mapping_start.tag),
                isFlow: event.data.mapping_start.style == YAML_FLOW_MAPPING_STYLE
            )
        case YAML_MAPPING_END_EVENT: return .mappingEnd
        default: return .streamEnd
        }
    }

    private func scalar(_ event: yaml_event_t) -> YAMLEvent.Kind {
        let data = unsafe event.data.scalar
        let style: YAMLScalar.Style =
            switch unsafe data.style {
            case YAML_SINGLE_QUOTED_SCALAR_STYLE: .singleQuoted
            case YAML_DOUBLE_QUOTED_SCALAR_STYLE: .doubleQuoted
            case YAML_LITERAL_SCALAR_STYLE: .literal
            case YAML_FOLDED_SCALAR_STYLE: .folded
            default: .plain
            }
        let value = unsafe String(decoding: UnsafeBufferPointer(start: data.value, count: data.length), as: UTF8.self)
        return unsafe .scalar(YAMLScalar(value, style: style, tag: text(data.tag)), anchor: text(data.anchor))
    }

    private func text(_ characters: UnsafeMutablePointer<yaml_char_t>?) -> String? {
        guard let characters = unsafe characters else { return nil }
        return unsafe String(cString: characters)
    }

    private func fault() -> YAMLSyntaxFault {
        let isReaderFault = unsafe parser.pointee.error == YAML_READER_ERROR
        let hasPlace = unsafe parser.pointee.error == YAML_SCANNER_ERROR || parser.pointee.error == YAML_PARSER_ERROR
        return unsafe YAMLSyntaxFault(
            problem: parser.pointee.problem.map { unsafe String(cString: $0) } ?? "there is no memory for it",
            context: parser.pointee.context.map { unsafe String(cString: $0) },
            place: hasPlace ? YAMLEvent.Place(parser.pointee.problem_mark) : nil,
            byteOffset: isReaderFault ? Int(clamping: parser.pointee.problem_offset) : nil
        )
    }
}

extension YAMLEvent.Place {
    fileprivate init(_ mark: yaml_mark_t) {
        self.init(line: Int(clamping: mark.line), column: Int(clamping: mark.column))
    }
}

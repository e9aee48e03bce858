import CYaml
import Model

/// Reads YAML from libyaml's events, so that every cap holds before anything is built: no recursion, no resolving of
/// types, no hashing of keys that are themselves collections.
struct YAMLReader {
    /// The documents that hold something, in order; those before a mistake in the syntax too.
    private(set) var documents: [YAMLNode] = []
    private(set) var findings: [Finding] = []

    private struct Frame {
        var isMap: Bool
        var place: Place
        var anchor: String?
        var items: [YAMLNode] = []
        var entries: [YAMLNode.Entry] = []
        var seen: [String: Int] = [:]
        var key: (text: String, place: Place)?
        /// Values in it, itself included.
        var weight = 1
        /// Levels below it.
        var height = 0
    }

    private struct Anchored {
        var node: YAMLNode
        var weight: Int
        var height: Int
    }

    private struct Stop: Error {}

    private var stack: [Frame] = []
    private var anchors: [String: Anchored] = [:]
    private var nodes = 0
    private var aliased = 0
    private var documentCount = 0

    init(_ bytes: [UInt8]) {
        guard bytes.count <= Limits.fileSize else {
            report(Place(), "the file is larger than 1 MiB")
            return
        }
        let parser = UnsafeMutablePointer<yaml_parser_t>.allocate(capacity: 1)
        defer { parser.deallocate() }
        guard yaml_parser_initialize(parser) == 1 else {
            report(Place(), "the file could not be read: out of memory")
            return
        }
        defer { yaml_parser_delete(parser) }
        yaml_parser_set_encoding(parser, YAML_UTF8_ENCODING)
        bytes.withUnsafeBufferPointer { buffer in
            yaml_parser_set_input_string(parser, buffer.baseAddress, buffer.count)
            readEvents(parser, bytes)
        }
    }

    private mutating func report(_ place: Place, _ message: String) {
        findings.append(Finding(place: place, message: message))
    }

    private mutating func stop(_ place: Place, _ message: String) -> Stop {
        report(place, message)
        return Stop()
    }

    private mutating func readEvents(_ parser: UnsafeMutablePointer<yaml_parser_t>, _ bytes: [UInt8]) {
        while true {
            var event = yaml_event_t()
            guard yaml_parser_parse(parser, &event) == 1 else {
                let failure = YAMLReader.failure(of: parser.pointee, in: bytes)
                report(failure.place, failure.message)
                return
            }
            defer { yaml_event_delete(&event) }
            if event.type == YAML_STREAM_END_EVENT { return }
            do { try handle(event) } catch { return }
        }
    }

    private mutating func handle(_ event: yaml_event_t) throws(Stop) {
        let place = Place(line: Int(event.start_mark.line) + 1, column: Int(event.start_mark.column) + 1)
        switch event.type {
        case YAML_DOCUMENT_START_EVENT:
            anchors.removeAll()
            documentCount += 1
            if documentCount > Limits.documents {
                throw stop(place, "the file has more than \(Limits.documents) documents: use several files")
            }
        case YAML_SCALAR_EVENT: try scalar(event.data.scalar, place)
        case YAML_ALIAS_EVENT: try alias(text(event.data.alias.anchor), place)
        case YAML_SEQUENCE_START_EVENT:
            let start = event.data.sequence_start
            try open(Frame(isMap: false, place: place, anchor: optionalText(start.anchor)), tag: start.tag)
        case YAML_MAPPING_START_EVENT:
            let start = event.data.mapping_start
            try open(Frame(isMap: true, place: place, anchor: optionalText(start.anchor)), tag: start.tag)
        case YAML_SEQUENCE_END_EVENT, YAML_MAPPING_END_EVENT: try close()
        default: break
        }
    }

    private mutating func scalar(_ event: yaml_event_t.__Unnamed_union_data.__Unnamed_struct_scalar, _ place: Place)
        throws(Stop)
    {
        try count(place)
        let text = String(decoding: UnsafeBufferPointer(start: event.value, count: event.length), as: UTF8.self)
        let tag = optionalText(event.tag)
        if let tag, tag != "tag:yaml.org,2002:str" { report(place, YAMLReader.refusal(ofTag: tag)) }
        if let index = stack.indices.last, stack[index].isMap, stack[index].key == nil {
            stack[index].key = (text, place)
            return
        }
        let plain = event.style == YAML_PLAIN_SCALAR_STYLE && tag != "tag:yaml.org,2002:str"
        let node = YAMLNode(content: .scalar(text, plain: plain), place: place)
        try add(Anchored(node: node, weight: 1, height: 0), anchor: optionalText(event.anchor))
    }

    private mutating func alias(_ name: String, _ place: Place) throws(Stop) {
        try refuseAsKey(place)
        guard var anchored = anchors[name] else {
            throw stop(place, "the alias \(quoted("*" + name)) has no anchor before it")
        }
        aliased += anchored.weight
        if aliased > Limits.aliasedNodes {
            throw stop(place, "the aliases of this file stand for more than \(Limits.aliasedNodes) values")
        }
        if stack.count + anchored.height > Limits.depth { throw stop(place, YAMLReader.tooDeep) }
        anchored.node.place = place
        try add(anchored, anchor: nil)
    }

    private mutating func open(_ frame: Frame, tag: UnsafeMutablePointer<yaml_char_t>?) throws(Stop) {
        try count(frame.place)
        if let tag = optionalText(tag) { report(frame.place, YAMLReader.refusal(ofTag: tag)) }
        try refuseAsKey(frame.place)
        if stack.count >= Limits.depth { throw stop(frame.place, YAMLReader.tooDeep) }
        stack.append(frame)
    }

    private mutating func close() throws(Stop) {
        guard let frame = stack.popLast() else { return }
        let content: YAMLNode.Content = frame.isMap ? .map(frame.entries) : .list(frame.items)
        let node = YAMLNode(content: content, place: frame.place)
        try add(Anchored(node: node, weight: frame.weight, height: frame.height + 1), anchor: frame.anchor)
    }

    private mutating func add(_ value: Anchored, anchor: String?) throws(Stop) {
        if let anchor { anchors[anchor] = value }
        guard let index = stack.indices.last else {
            if !value.node.isEmpty { documents.append(value.node) }
            return
        }
        stack[index].weight += value.weight
        stack[index].height = max(stack[index].height, value.height)
        guard stack[index].isMap else {
            stack[index].items.append(value.node)
            return
        }
        guard let key = stack[index].key else { return }
        stack[index].key = nil
        if key.text == "<<" {
            report(key.place, "merge keys (`<<`) are not supported: write the keys out")
        } else if let line = stack[index].seen.updateValue(key.place.line, forKey: key.text) {
            stack[index].seen[key.text] = line
            report(key.place, "duplicate key \(quoted(key.text)): it stands on line \(line) already")
        } else {
            stack[index].entries.append(.init(key: key.text, place: key.place, value: value.node))
        }
    }

    private mutating func count(_ place: Place) throws(Stop) {
        nodes += 1
        if nodes > Limits.nodes {
            throw stop(place, "the file has more than \(Limits.nodes) values: use several files")
        }
        if findings.count >= Limits.findings { throw Stop() }
    }

    private mutating func refuseAsKey(_ place: Place) throws(Stop) {
        if let frame = stack.last, frame.isMap, frame.key == nil {
            throw stop(place, "a key must be plain text, not a list, a map or an alias")
        }
    }

    static let tooDeep = "lists and maps stand inside each other more than \(Limits.depth) deep"

    private static func refusal(ofTag tag: String) -> String {
        let core = "tag:yaml.org,2002:"
        let name = tag.hasPrefix(core) ? "!!" + tag.dropFirst(core.count) : tag
        return "the tag \(quoted(name)) is not supported: write the value without it"
    }
}

private func optionalText(_ pointer: UnsafeMutablePointer<yaml_char_t>?) -> String? { pointer.map { text($0) } }

private func text(_ pointer: UnsafeMutablePointer<yaml_char_t>) -> String { String(cString: pointer) }

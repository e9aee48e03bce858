/// What there is a JSON Schema of.
enum SchemaKind: String, CaseIterable {
    case manifests, configuration
}

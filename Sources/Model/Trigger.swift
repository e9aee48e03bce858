/// What made a pass happen.
package enum Trigger: String, Hashable, Sendable, Codable, CaseIterable {
    case poll, push, webhook, manual, drift, retry, promotion, start
}

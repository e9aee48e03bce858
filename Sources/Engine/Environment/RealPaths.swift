import Model
import Processes

/// What paths on this machine really are, so that one socket by two names is one balancer.
enum RealPaths {
    /// Of the paths by which `traffic` blocks name balancers, those that lead to another one, each with that. Nothing is
    /// looked at where no two differ.
    static func all(_ blocks: [Value]) async -> [String: String] {
        let paths = Set(blocks.compactMap { BalancerPlace(of: $0)?.path })
        guard paths.count > 1 else { return [:] }
        return await OwnThread.run {
            Dictionary(
                paths.compactMap { path in
                    Folders.real(path).flatMap { $0 == path ? nil : (path, $0) }
                }, uniquingKeysWith: { first, _ in first })
        }
    }
}

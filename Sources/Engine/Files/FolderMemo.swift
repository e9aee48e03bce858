import DriverKit
import History
import Model

/// Folders of files as one look at many instances needs them: each is asked for once.
struct FolderMemo {
    private let materials: Materials
    private var known: [[SourceFile]: String] = [:]

    init(_ materials: Materials) { self.materials = materials }

    /// As `Materials.folder`: the same files are the same folder, whatever the commit.
    mutating func folder(for files: [SourceFile], commit: String) async throws -> String {
        if let folder = known[files] { return folder }
        let folder = try await materials.folder(for: files, commit: commit)
        known[files] = folder
        return folder
    }

    /// What is recorded of an instance, where that is not what is wanted.
    mutating func before(_ record: InstanceRecord?, _ wanted: Deployable) async -> InstanceTarget.Before? {
        guard let record, record.deployable.digest != wanted.digest,
            let folder = try? await folder(for: record.deployable.files, commit: record.commit)
        else { return nil }
        return InstanceTarget.Before(deployable: record.deployable, folder: folder)
    }
}

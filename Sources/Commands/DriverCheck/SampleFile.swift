import DriverConformance
import DriverKit
import Glibc
import Manifests
import Model

/// A file of workloads as what a driver is tried with.
struct SampleFile {
    private let contents: [UInt8]
    /// As problems name it.
    private let name: String
    /// Holds what `files` names; absolute.
    private let folder: String

    /// Throws where it cannot be read.
    init(_ path: String) throws(CommandFailure) {
        switch FileBytes.read(path, limit: Limits.fileSize) {
        case .success(let bytes): contents = bytes
        case .failure(let error):
            throw CommandFailure(
                "\(VisibleText.line(path)) cannot be read (\(error.reason))", advice: "check --workload")
        }
        name = VisibleText.line(path)
        guard let real = realpath(Paths.folder(of: path), nil) else {
            throw CommandFailure("the folder of \(VisibleText.line(path)) cannot be found", advice: "check --workload")
        }
        defer { free(real) }
        folder = String(cString: real)
    }

    init(text: String, folder: String) {
        contents = Array(text.utf8)
        name = "the sample"
        self.folder = folder
    }

    /// Throws with every problem that it has, and where it is not what is wanted.
    func sample(for driver: any Driver, among drivers: [DriverDescription]) async throws -> ConformanceSample {
        let (workloads, problems) = ManifestParser(drivers: drivers, prefix: "").workloads(contents, file: name)
        guard problems.isEmpty else {
            throw CommandFailure("the sample cannot be used:\n" + problems.map(\.diagnostic).joined(separator: "\n"))
        }
        for workload in workloads where workload.driver != driver.description.name {
            throw CommandFailure(
                "\(workload.name) in \(name) is for the driver \(workload.driver)",
                advice: "check that driver, or correct it")
        }
        let versions = workloads.filter { $0.name != "unreachable" }
        guard let first = versions.first, versions.count <= 2, versions.allSatisfy({ $0.name == first.name }),
            workloads.count - versions.count <= 1
        else {
            throw CommandFailure(
                "\(name) must hold a workload in one version or two, and at most one that is named unreachable",
                advice: "docs/drivers.md has an example")
        }
        let unreachable = workloads.first { $0.name == "unreachable" }
        return ConformanceSample(
            workload: first.name, first: try await deployable(first, driver),
            second: try await optional(versions.dropFirst().first, driver),
            unreachable: try await optional(unreachable, driver), folder: folder,
            healthyWithin: first.rollout.healthyDeadline)
    }

    private func optional(_ workload: Workload?, _ driver: any Driver) async throws -> Deployable? {
        guard let workload else { return nil }
        return try await deployable(workload, driver)
    }

    private func deployable(_ workload: Workload, _ driver: any Driver) async throws -> Deployable {
        let tree = FolderTree(root: folder)
        var files: [SourceFile] = []
        for path in workload.filePaths {
            let found = try await tree.files(under: path, limit: Limits.entries)
            guard !found.isEmpty else {
                throw CommandFailure(
                    "`files` names \(VisibleText.line(path)), and there is nothing at that path",
                    advice: "paths are relative to the folder of \(name)")
            }
            files += found
        }
        files = Array(Set(files)).sorted { $0.path < $1.path }
        return Deployable(
            driver: workload.driver, block: workload.block, files: files,
            digest: driver.digest(block: workload.block, files: files), health: workload.health)
    }
}

import DriverKit
import FoundationEssentials
import Glibc
import Model
import TestSupport
import Testing

@testable import SSHDriver

/// A real apt-get and dpkg, with an archive of the test's own; the packages of this machine are not touched.
@Suite(.fewAtOnce) struct RealPackagesTests {
    /// A bench with a host `alpha` whose only archive is a folder.
    private func with(_ body: (Bench, _ archive: PackageArchive) async throws -> Void) async throws {
        try await Bench.with([]) { bench in
            let archive = PackageArchive(folder: bench.folder + "/host-alpha/root/archive", build: bench.folder)
            let system = HostSystem(
                setup: """
                    rm -rf /etc/apt/apt.conf.d/* /etc/apt/preferences.d/* /etc/apt/sources.list.d/* /var/lib/apt/lists/*
                    echo 'deb [trusted=yes] file:\(archive.folder) ./' >/etc/apt/sources.list
                    """)
            if let missing = await system.missing(programs: ["apt-get", "dpkg-deb"]) { try Test.cancel("\(missing)") }
            _ = try await bench.fleet.add("alpha", system: system)
            try await body(bench, archive)
        }
    }

    private func package(_ name: String, _ version: String? = nil, absent: Bool = false) -> Value {
        var entry: [String: Value] = ["name": .string(name)]
        if let version { entry["version"] = .string(version) }
        if absent { entry["absent"] = .bool(true) }
        return .map(entry)
    }

    private func target(_ bench: Bench, _ packages: Value...) async throws -> InstanceTarget {
        try await bench.target(["packages": .list(packages)])
    }

    /// What packages left on the disk: the version of each, or nothing.
    private func versions(_ bench: Bench) async throws -> String {
        let script = "for name in rt-hello rt-other; do echo $(cat /opt/$name/version 2>/dev/null); done"
        return try await bench.fleet.run(on: "alpha", ["sh", "-c", script]).split(
            separator: "\n", omittingEmptySubsequences: false
        ).joined(separator: " ").trimmingBlanks
    }

    @Test func versionsComeAndGo() async throws {
        try await with { bench, archive in
            for version in ["1.0-1", "1.1-1", "2.0-1"] { try await archive.add("rt-hello", version) }
            try await archive.add("rt-other", "5")
            try await archive.index()
            let one = try await target(bench, package("rt-hello", "1.0-1"))
            #expect(await bench.observe(one) == .absent)
            // Nobody has read the lists of the archive yet.
            let report = await bench.driver.apply(one)
            #expect(report.observed == one.inPlace, "\(report)")
            #expect(try await versions(bench) == "1.0-1")
            let pattern = try await target(bench, package("rt-hello", "1.1*"), package("rt-other"))
            #expect(await bench.observe(pattern) == one.inPlace)
            let second = await bench.driver.apply(pattern)
            #expect(second.observed == pattern.inPlace, "\(second)")
            #expect(try await versions(bench) == "1.1-1 5")
            // By hand: another version, one that is gone with its settings left.
            try await bench.fleet.run(on: "alpha", ["apt-get", "-y", "install", "rt-hello"])
            #expect(await bench.observe(pattern) == .running("package rt-hello is 2.0-1"))
            try await bench.fleet.run(on: "alpha", ["apt-get", "-y", "remove", "rt-other"])
            #expect(
                await bench.observe(pattern)
                    == .running("package rt-hello is 2.0-1; package rt-other is not installed"))
            // Both are put right, one of them by an older version.
            let third = await bench.driver.apply(pattern)
            #expect(third.observed == pattern.inPlace, "\(third)")
            #expect(try await versions(bench) == "1.1-1 5")
            let newest = try await target(bench, package("rt-hello", "2.*"), package("rt-other", absent: true))
            #expect(await bench.driver.apply(newest).observed == newest.inPlace)
            #expect(try await versions(bench) == "2.0-1")
            // A version that came into the archive since.
            try await archive.add("rt-hello", "3.0-1")
            try await archive.index()
            let later = try await target(bench, package("rt-hello", "3.0-1"))
            #expect(await bench.driver.apply(later).observed == later.inPlace)
            // A revert goes back, and whoever wants any version keeps the one that is there.
            #expect(await bench.driver.apply(one).observed == one.inPlace)
            #expect(try await versions(bench) == "1.0-1")
            let any = try await target(bench, package("rt-hello"))
            #expect(await bench.observe(any) == any.inPlace)
            let none = try await target(bench, package("rt-hello", absent: true))
            #expect(await bench.driver.apply(none).observed == none.inPlace)
            #expect(try await versions(bench) == "")
            #expect(access("/opt/rt-hello", F_OK) != 0, "the machine has packages of its own")
        }
    }

    /// Settings that somebody changed on the host stay, and nobody is asked.
    @Test func changedSettingsStay() async throws {
        try await with { bench, archive in
            for version in ["1", "2"] { try await archive.add("rt-conf", version, settings: "from \(version)\n") }
            try await archive.index()
            #expect(await bench.driver.apply(try await target(bench, package("rt-conf", "1"))).failure == nil)
            let path = try await bench.fleet.disk(of: "alpha") + "/etc/rt-conf.conf"
            #expect(try TestFile.read(path) == "from 1\n")
            try TestFile.write(path, "by hand\n")
            // And dpkg was interrupted before it had written down all.
            let script = "dpkg -s rt-conf >/var/lib/dpkg/updates/0001"
            try await bench.fleet.run(on: "alpha", ["sh", "-c", script])
            let two = try await target(bench, package("rt-conf", "2"))
            let report = await bench.driver.apply(two)
            #expect(report.observed == two.inPlace, "\(report)")
            #expect(try TestFile.read(path) == "by hand\n")
        }
    }

    @Test func whatCannotBeInstalledSaysWhy() async throws {
        try await with { bench, archive in
            try await archive.add("rt-hello", "1")
            try await archive.add("rt-hello", "2")
            try await archive.add("rt-needs", "1", more: "Depends: rt-none (>= 4)")
            try await archive.add("rt-broken", "1", script: ("postinst", "echo 'no room on the moon' >&2; exit 3"))
            try await archive.index()
            for (entry, words) in [
                (package("rt-hello", "9*"), ["Version '9*' for 'rt-hello' was not found"]),
                (package("rt-nil"), ["E: Unable to locate package rt-nil"]),
                (package("rt-none"), ["E: Package 'rt-none' has no installation candidate"]),
                (package("rt-needs"), ["rt-needs : Depends: rt-none (>= 4)"]),
                (package("rt-broken"), ["rt-broken", "post-installation script", "exit status 3"]),
            ] {
                let report = await bench.driver.apply(try await target(bench, entry))
                for word in ["apt-get failed: "] + words {
                    #expect(report.failure?.contains(word) == true, "\(report.failure ?? "")")
                }
            }
            // What is broken goes, too, and holds nothing else up.
            let gone = try await target(bench, package("rt-broken", absent: true), package("rt-hello", "1"))
            #expect(await bench.observe(gone) == .absent)
            let report = await bench.driver.apply(gone)
            #expect(report.observed == gone.inPlace, "\(report)")
            // A person has put it on hold.
            try await bench.fleet.run(on: "alpha", ["apt-mark", "hold", "rt-hello"])
            #expect(await bench.observe(gone) == gone.inPlace)
            for entry in [package("rt-hello", "2"), package("rt-hello", absent: true)] {
                let report = await bench.driver.apply(try await target(bench, entry))
                #expect(
                    report.failure?.contains("rt-hello is on hold: `apt-mark unhold`") == true,
                    "\(report.failure ?? "")")
            }
            #expect(try await versions(bench) == "1")
        }
    }

    /// Two that exclude each other, and one of another architecture's name.
    @Test func oneTakesThePlaceOfAnother() async throws {
        try await with { bench, archive in
            try await archive.add("rt-hello", "1", more: "Conflicts: rt-other")
            try await archive.add("rt-other", "1", more: "Conflicts: rt-hello")
            try await archive.index()
            for _ in 1...2 {
                for (new, old) in [("rt-hello", "rt-other"), ("rt-other", "rt-hello")] {
                    let next = try await target(bench, package("\(new):all"), package(old, absent: true))
                    let report = await bench.driver.apply(next)
                    #expect(report.observed == next.inPlace, "\(report)")
                }
            }
            #expect(try await versions(bench) == "1")
        }
    }

    /// An act that is cut off by its deadline in the middle of an installation: the next one ends that and goes on.
    @Test func anInstallationThatIsCutOff() async throws {
        try await with { bench, archive in
            let root = try await bench.root()
            try await archive.add("rt-slow", "1", script: ("postinst", Self.waiting(root)))
            try await archive.index()
            let short = try await bench.target(["packages": .list([package("rt-slow")]), "timeout": .int(8000)])
            // On a slow machine it may not have begun by then.
            for _ in 1...5 where access(root + "/begun", F_OK) != 0 {
                let failure = await bench.driver.apply(short).failure
                #expect(failure?.contains("did not answer within 8s") == true, "\(failure ?? "")")
            }
            #expect(access(root + "/begun", F_OK) == 0)
            try TestFile.write(root + "/go", "")
            let long = try await target(bench, package("rt-slow"))
            let report = await bench.driver.apply(long)
            #expect(report.observed == long.inPlace, "\(report)")
        }
    }

    /// A script of a package that goes on when somebody says so.
    private static func waiting(_ root: String) -> String {
        ": >\(root)/begun; i=0; while [ ! -e \(root)/go ] && [ $i -lt 1200 ]; do i=$((i+1)); sleep 0.1; done"
    }

    /// Somebody else installs something: an act waits for that, within its deadline.
    @Test func aLockThatSomebodyHolds() async throws {
        try await with { bench, archive in
            let root = try await bench.root()
            try await archive.add("rt-hello", "1")
            try await archive.add("rt-slow", "1", script: ("preinst", Self.waiting(root)))
            try await archive.index()
            try await bench.fleet.run(on: "alpha", ["apt-get", "update"])
            let fleet = bench.fleet
            let other = Task { try await fleet.run(on: "alpha", ["apt-get", "-y", "install", "rt-slow"]) }
            try await eventually("the other installation has begun") { access(root + "/begun", F_OK) == 0 }
            let short = try await bench.target(
                ["packages": .list([package("rt-hello")]), "timeout": .int(15_000)])
            #expect(await bench.observe(short) == .absent)
            let refused = await bench.driver.apply(short)
            #expect(refused.failure?.contains("It is held by process ") == true, "\(refused)")
            let long = try await bench.target(["packages": .list([package("rt-hello")])])
            async let report = bench.driver.apply(long)
            try await Task.sleep(for: .seconds(1))
            try TestFile.write(root + "/go", "")
            let done = await report
            #expect(done.observed == long.inPlace, "\(done)")
            _ = try await other.value
            #expect(await bench.observe(long) == long.inPlace)
        }
    }
}

/// A folder of packages that apt-get takes for an archive.
struct PackageArchive {
    let folder: String
    /// Where packages are put together.
    let build: String

    /// Makes a package that brings `/opt/NAME/version`; with `settings` a file `/etc/NAME.conf`, too.
    func add(
        _ name: String, _ version: String, settings: String? = nil, more: String? = nil,
        script: (name: String, text: String)? = nil
    ) async throws {
        let place = "\(build)/build-\(name)-\(version)"
        for path in [place + "/DEBIAN", "\(place)/opt/\(name)", place + "/etc", folder] {
            try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        }
        let fields =
            [
                "Package: \(name)", "Version: \(version)", "Architecture: all",
                "Maintainer: nobody <nobody@example.com>",
            ] + (more.map { [$0] } ?? [])
        let description = ["Description: for a test"]
        try TestFile.write(place + "/DEBIAN/control", (fields + description).joined(separator: "\n") + "\n")
        try TestFile.write("\(place)/opt/\(name)/version", version)
        if let settings {
            try TestFile.write("\(place)/etc/\(name).conf", settings)
            try TestFile.write(place + "/DEBIAN/conffiles", "/etc/\(name).conf\n")
        }
        if let script {
            try TestFile.write("\(place)/DEBIAN/\(script.name)", "#!/bin/sh\n\(script.text)\n")
            chmod("\(place)/DEBIAN/\(script.name)", 0o755)
        }
        let file = "\(name)_\(version)_all.deb"
        try await TestTool.run("dpkg-deb", ["--root-owner-group", "-b", place, "\(folder)/\(file)"], in: build)
        let sum = try await TestTool.run("sha256sum", ["\(folder)/\(file)"], in: build).prefix(64)
        let size = try Data(contentsOf: URL(filePath: "\(folder)/\(file)")).count
        let found = ["Filename: ./\(file)", "Size: \(size)", "SHA256: \(sum)"]
        try TestFile.write(
            "\(folder)/\(file).entry", (fields + found + description).joined(separator: "\n") + "\n")
    }

    /// Writes down what is there.
    func index() async throws {
        let names = try FileManager.default.contentsOfDirectory(atPath: folder).filter { $0.hasSuffix(".entry") }
        let entries = try names.sorted().map { try TestFile.read("\(folder)/\($0)") }
        try TestFile.write(folder + "/Packages", entries.joined(separator: "\n"))
    }
}

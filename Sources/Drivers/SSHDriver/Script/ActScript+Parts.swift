import DriverKit
import Model
import Processes

/// Releases, packages, commands and units.
extension ActScript {
    mutating func apply(release: WantedRelease) throws(DriverFailure) {
        let folder = release.path + "/releases"
        let own = release.path.appending(path: draft)
        must("making folders", "mkdir -p -- \(folder)")
        line("g() { rm -rf -- \(own); }")
        line("g")
        must("making a folder for drafts", "mkdir -m 755 -- \(own) \(own + "/new")")
        let archive = own + "/archive"
        if facts.files[release.folder]?.isFolder != true {
            if let content = release.archive {
                try receive(content, into: archive)
            } else if let url = release.url {
                // Either is enough.
                line("p=\("fetching " + url)")
                line(
                    """
                    if command -v curl >/dev/null; then x curl -fsSL --retry 2 -o \(archive) -- \(url) || return 1; \
                    else x wget -q -O \(archive) -- \(url) || return 1; fi
                    """)
            }
            line(
                """
                set -- $(LC_ALL=C sha256sum -- \(archive)); [ "$1" = \(release.sum) ] || { p=\("checking the archive"); \
                f "its SHA-256 is ${1:-not known}, not "\(release.sum); return 1; }
                """)
            let strip = release.strip == 0 ? ShellCode() : "--strip-components=\(release.strip) " as ShellCode
            let form: ShellCode = release.isCompressed ? "-xzf" : "-xf"
            must("unpacking", "tar \(code: form) \(archive) -o \(code: strip)-C \(own + "/new")")
            // It may have come there since we looked.
            line("p='unpacking'; [ -e \(release.folder) ] || x mv -- \(own + "/new") \(release.folder) || return 1")
            did("unpacked \(release.folder)")
        }
        // Which one was current last is told by times. Those that a clock wrote which was ahead come down to now, in order,
        // with seconds between them: some systems tell no less apart.
        line(
            """
            : >\(own + "/now"); t=$(date +%s); for d in $(cd \(folder) && ls -1t); do \
            [ \(folder)/"$d" -nt \(own + "/now") ] || continue; t=$((t-1)); touch -d "@$t" -- \(folder)/"$d"; done
            """)
        line("touch -- \(release.folder)")
        must("linking current", "ln -s -- \(release.target) \(own + "/current")")
        must("bringing the release to the disk", "sync -f -- \(release.folder)")
        must("switching current", "mv -f -- \(own + "/current") \(release.path)/")
        line("g")
        line("g() { :; }")
        changed.insert("release")
        did("switched \(release.current) to \(release.target)")
        // The current one whatever its time is, and of the others the newest: a busybox tells no two of one second apart.
        line(
            """
            k=\(release.keep - 1); for d in $(cd \(folder) && ls -1t); do case $d in *[!0-9a-f]*) continue;; esac; \
            [ ${#d} = 16 ] && [ "$d" != \(release.name) ] || continue; if [ $k -gt 0 ]; then k=$((k-1)); else \
            rm -rf -- \(folder)/"$d"; fi; done
            """)
    }

    /// Everything by one call, so that one package can take the place of another, and what is broken can go.
    mutating func apply(packages: [WantedPackage]) {
        let names = packages.map { package in
            package.isAbsent ? package.name + "-" : package.version.map { package.name + "=" + $0 } ?? package.name
        }
        // Somebody else may be at it, and is waited for as long as there is time for our own part after that.
        let patience = Int(max(1, wanted.timeout.milliseconds / 2000))
        let install: ShellCode =
            """
            LC_ALL=C apt-get -q -y -o Dpkg::Options::=--force-confold -o Dpkg::Use-Pty=0 -o DPkg::Lock::Timeout=\(patience) \
            --allow-downgrades install -- \(all: names)
            """
        line("export DEBIAN_FRONTEND=noninteractive")
        line("x0() { o=$(\(code: install) 2>&1 3<&- 4>&-); }")
        // What is not known may only be new: the lists are read anew then. Where dpkg was interrupted, it goes on first.
        line(
            """
            x0 || case $o in *'dpkg --configure -a'*) p='dpkg --configure'; \
            x dpkg --force-confold --configure -a || return 1; x0;; *) false;; esac || \
            case $o in *'Unable to acquire the dpkg'*|*'Held packages'*) false;; *) p='apt-get update'; \
            x apt-get -q update || return 1; x0;; esac || { p='apt-get'; f "$o"; return 1; }
            """
        )
        for package in packages {
            changed.insert(package.name)
            did(
                package.isAbsent
                    ? "removed the package \(package.name)"
                    : "installed \(package.name)" + (package.version.map { " " + $0 } ?? ""))
        }
    }

    /// Runs one command; what it says is kept.
    mutating func run(_ command: WantedCommand, _ text: Text, purpose: String) throws(DriverFailure) {
        do throws(SecretError) {
            let run = try CommandScript.code(text, command)
            line("p=\(purpose); o=$(exec 4>&-; { \(code: run); } 2>&1); r=$?; y || return 1")
        } catch {
            throw DriverFailure(error.description)
        }
    }

    /// Writes down on the host what must still happen after a change, before the change is made, in the folder `n`.
    mutating func note(_ notices: [Notice]) {
        guard !notices.isEmpty else { return }
        line(
            """
            p='noting what is to be told of changes'; x mkdir -p -m 700 -- "$n" || return 1
            """)
        for notice in notices {
            line(
                """
                printf '' >"$n"/\(notice.key) || { f 'it cannot be written'; return 1; }
                """)
        }
    }

    /// Takes a note away once it was acted on.
    mutating func forget(_ notice: Notice) {
        line(
            """
            rm -f -- "$n"/\(notice.key)
            """)
    }
}

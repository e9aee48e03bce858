import FoundationEssentials
import Glibc
import Model
import Processes

/// A system of its own for a host of tests: its disk begins as this machine's, and whatever is changed there is gone with
/// the host. So users, packages and services are real, and nothing of the machine is touched.
package struct HostSystem: Sendable {
    /// Shell lines that prepare the disk, run as root on it.
    package let setup: String
    /// Whether systemd is its first process, with sshd as a unit; else there is only sshd.
    package let hasSystemd: Bool

    /// Nothing is made before a host is added with it.
    package init(setup: String = "", hasSystemd: Bool = false) {
        self.setup = setup
        self.hasSystemd = hasSystemd
    }

    /// Why no such host can be started here; nil where one can. All is tried but the test's own preparation, whose faults are no
    /// reason to skip it, and the start itself.
    package func missing(programs: [String] = []) async -> String? {
        if geteuid() != 0 { return "a host with a system of its own is made by root only" }
        for program in ["unshare", "setpriv", "nsenter", "pivot_root"] + programs
        where TestTool.path(of: program) == nil {
            return "the program \(program) is missing; make setup installs it"
        }
        if hasSystemd, access(Self.systemd, X_OK) != 0 { return "\(Self.systemd) is missing; make setup installs it" }
        let bare = HostSystem(hasSystemd: hasSystemd)
        do {
            return try await TemporaryFolder.with { folder in
                let home = folder + "/host"
                mkdir(home, 0o755)
                let result = await ProcessRunner().run(try bare.command(folder: folder, home: home, server: nil))
                await Self.removeGroup(home)
                guard !result.succeeded else { return nil }
                return "no host with a system of its own can be made here: "
                    + String(decoding: result.errors + result.output, as: UTF8.self).split(separator: "\n")
                    .suffix(3).joined(separator: "; ")
            }
        } catch {
            return "no host with a system of its own can be made here: \(error)"
        }
    }

    private static let systemd = "/lib/systemd/systemd"

    /// Starts a server in the system, or only makes the system where it is nil. `folder` and all below it is the same inside
    /// and outside, `home` in it is the host's own.
    func command(folder: String, home: String, server: [String]?) throws -> Command {
        try TestFile.write(home + "/outer.sh", Self.outer)
        try TestFile.write(home + "/inner.sh", Self.inner)
        try TestFile.write(home + "/setup.sh", setup + "\n")
        let kind = hasSystemd ? "systemd" : "plain"
        return Command(
            "setpriv",
            ["--pdeathsig", "KILL", "unshare", "-m", "--propagation", "private", "/bin/sh", "-eu", home + "/outer.sh"]
                + [kind, folder, home] + (server ?? []),
            environment: ["PATH": "/usr/sbin:/usr/bin:/sbin:/bin"], timeout: .seconds(900))
    }

    /// Takes the group of processes of a host that was killed away.
    static func removeGroup(_ home: String) async {
        guard let group = try? TestFile.read(home + "/group"), !group.isEmpty else { return }
        let script = """
            mount -t cgroup2 cgroup2 "$1/groups" && cd "$1/groups"
            for try in $(seq 600); do
                find ".$2" -depth -type d -exec rmdir {} + 2>/dev/null
                [ -e ".$2" ] || exit 0
                sleep 0.1
            done
            """
        let line = group.split(separator: "\n").first.map(String.init) ?? ""
        // Also where the test was cancelled.
        await Task.detached {
            _ = try? await TestTool.run(
                "unshare", ["-m", "--propagation", "private", "sh", "-c", script, "sh", home, line], in: "/")
        }.value
    }

    /// In a mount namespace of its own. For systemd a group of processes below ours becomes the root of all that it sees, so
    /// that it rules over nothing else.
    private static let outer = """
        kind=$1 folder=$2 home=$3
        echo $$ >"$home/pid"
        if [ "$kind" = plain ]; then exec /bin/sh -eu "$home/inner.sh" "$@"; fi
        mkdir -p "$home/groups"
        mount -t cgroup2 cgroup2 "$home/groups"
        own=$(sed -n 's/^0:://p' /proc/self/cgroup)
        # Of tests that were killed.
        find "$home/groups${own%/}" -mindepth 1 -maxdepth 1 -name 'reconcile-test-*' -mmin +30 | while read -r old; do
            ! grep -q 'populated 0' "$old/cgroup.events" || find "$old" -depth -type d -exec rmdir {} + || true
        done
        group=$(mktemp -d "$home/groups${own%/}/reconcile-test-XXXXXX")
        echo "${group#"$home/groups"}" >"$home/group"
        echo $$ >"$group/cgroup.procs"
        exec unshare --fork --kill-child --pid --mount --cgroup --uts --ipc --propagation private \\
            /bin/sh -eu "$home/inner.sh" "$@"

        """

    /// Makes the disk and becomes the server. A systemd gets no unit of the machine but the targets that everything waits
    /// for, devices of its own, and of the kernel's settings only a view.
    private static let inner = """
        kind=$1 folder=$2 home=$3
        shift 3
        mkdir -p "$home/disk"
        mount -t tmpfs -o size=256m,mode=755 tmpfs "$home/disk"
        cd "$home/disk"
        mkdir upper work new
        mount -t overlay -o "lowerdir=/,upperdir=$PWD/upper,workdir=$PWD/work" overlay new
        new=$PWD/new
        mkdir -p "$new$folder" "$new/.old"
        mount --bind "$folder" "$new$folder"
        mount -t tmpfs -o mode=755 tmpfs "$new/run"
        mkdir "$new/run/sshd" "$new/run/lock"
        if [ "$kind" = plain ]; then
            for place in proc sys dev; do mount --rbind /$place "$new/$place"; done
        else
            mount -t proc proc "$new/proc"
            mount --bind -o ro /proc/sys "$new/proc/sys"
            mount -t sysfs -o ro sysfs "$new/sys"
            mount -t cgroup2 cgroup2 "$new/sys/fs/cgroup"
            mount -t tmpfs -o mode=755 tmpfs "$new/dev"
            for device in null zero full random urandom tty; do
                : >"$new/dev/$device"
                mount --bind "/dev/$device" "$new/dev/$device"
            done
            : >"$home/console"
            : >"$new/dev/console"
            mount --bind "$home/console" "$new/dev/console"
            mkdir "$new/dev/pts" "$new/dev/shm"
            mount -t devpts -o newinstance,ptmxmode=0666,mode=620 devpts "$new/dev/pts"
            ln -s pts/ptmx "$new/dev/ptmx"
            units=$new/lib/systemd/system
            mkdir kept
            for target in sysinit basic shutdown multi-user; do cp "$units/$target.target" kept/; done
            rm -rf "$new/etc/systemd" "$units" "$new/lib/systemd/system-generators"
            mkdir -p "$new/etc/systemd/system" "$units"
            mv kept/* "$units"
            printf '[Unit]\\nRequires=sshd.service\\n' >"$units/start.target"
            printf '[Service]\\nExecStart=%s\\n' "$*" >"$units/sshd.service"
        fi
        cd "$new"
        pivot_root . .old
        umount -l /.old
        rmdir /.old
        cd /
        /bin/sh -eu "$home/setup.sh"
        [ $# != 0 ] || exit 0
        [ "$kind" = plain ] && exec "$@"
        exec env -i container=test PATH="$PATH" /lib/systemd/systemd --system --unit=start.target --log-target=console \\
            --show-status=no

        """
}

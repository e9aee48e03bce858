"""What scripts/bench_ssh.py works with: a fleet of hosts that are each an sshd with a file system of its own below one folder, raw
ssh as fast as it goes, and the peers pyinfra and ansible-core, that one also with mitogen."""
import concurrent.futures
import json
import os
import shutil
import subprocess

from bench_parts import Surprise, environ, run, wait

PORT = 2222
TARGET = "/srv/reconcile-bench"  # where each host has its files; another folder behind it on each
FILES = int(os.environ.get("FILES", 20))
OPENED_AT_ONCE = 30
SSHD = """Port {port}
ListenAddress {address}
HostKey {folder}/host_key
AuthorizedKeysFile {folder}/key.pub
PidFile none
StrictModes no
UsePAM no
PasswordAuthentication no
PermitRootLogin prohibit-password
MaxStartups 1000:100:1000
MaxSessions 100
Subsystem sftp internal-sftp
SetEnv HOME={home}
"""
SSH = ["-o", "BatchMode=yes", "-o", "StrictHostKeyChecking=yes", "-o", "IdentitiesOnly=yes", "-p", str(PORT), "-l", "root"]


def content(number, version):
    """About two KiB, the same on all hosts."""
    return f"# file {number} of version {version}\n" + "".join(f"key_{line} = value {number * line}\n" for line in range(100))


def names():
    return [f"file-{number:02}" for number in range(FILES)]


class Fleet:
    """So many hosts, 127.1.0.1 and on; needs root, in a network namespace of its own."""

    def __init__(self, folder, count):
        self.folder, self.count, self.processes = f"{folder}/fleet-{count}", count, []
        self.addresses = [f"127.1.{number // 250}.{number % 250 + 1}" for number in range(count)]
        self.known_hosts = f"{self.folder}/known_hosts"
        self.key = f"{self.folder}/key"

    def __enter__(self):
        os.makedirs(self.folder)
        os.makedirs(TARGET, exist_ok=True)
        os.makedirs("/run/sshd", exist_ok=True)
        for name in ("host_key", "key"):
            run("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "", "-f", f"{self.folder}/{name}")
        with open(f"{self.folder}/host_key.pub") as file:
            host_key = " ".join(file.read().split()[:2])
        with open(self.known_hosts, "w") as file:
            file.writelines(f"[{address}]:{PORT} {host_key}\n" for address in self.addresses)
        for address in self.addresses:
            os.makedirs(self.root(address))
            # Start-up files of the user's shell are not what is measured.
            os.makedirs(self.home(address))
            config = f"{self.folder}/{address}.conf"
            with open(config, "w") as file:
                file.write(SSHD.format(port=PORT, address=address, folder=self.folder, home=self.home(address)))
            inside = 'mount --bind "$0" "$1" && exec /usr/sbin/sshd -D -e -f "$2"'
            with open(f"{self.folder}/{address}.log", "wb") as log:
                self.processes.append(subprocess.Popen(
                    ["unshare", "-m", "--propagation", "private", "sh", "-c", inside, self.root(address), TARGET, config],
                    stdout=log, stderr=log, env=environ()))
        for address in self.addresses:
            wait(lambda: self.is_up(address), f"{address} listens", 60)
        return self

    def __exit__(self, *_):
        for process in self.processes:
            process.terminate()
        for process in self.processes:
            process.wait(20)
        os.rmdir(TARGET)
        shutil.rmtree(self.folder, ignore_errors=True)

    def is_up(self, address):
        with open(f"{self.folder}/{address}.log", "rb") as file:
            said = file.read()
        if b"Cannot" in said or b"fatal" in said:
            raise Surprise(f"the sshd of {address}: {said.decode(errors='replace')}")
        return b"listening" in said

    def root(self, address):
        return f"{self.folder}/root-{address}"

    def home(self, address):
        return f"{self.folder}/home-{address}"

    def clear(self):
        """Takes away all that any tool has put there."""
        for address in self.addresses:
            for entry in os.scandir(self.root(address)):
                shutil.rmtree(entry.path) if entry.is_dir(follow_symlinks=False) else os.unlink(entry.path)

    def check(self, version):
        """Each host must have each file, and the link."""
        for address in self.addresses:
            root = self.root(address)
            for number, name in enumerate(names()):
                with open(f"{root}/{name}") as file:
                    if file.read() != content(number, version):
                        raise Surprise(f"{name} on {address} is not of version {version}")
            if os.readlink(f"{root}/link") != names()[0]:
                raise Surprise(f"the link on {address} is another one")


class Raw:
    """`ssh HOST tar x`, all hosts at once; nothing less can put files on hosts. The masters of its kept connections go with it."""
    name = "raw"

    def __init__(self, fleet, folder):
        self.fleet, self.folder = fleet, folder
        self.options = [*SSH, "-i", fleet.key, "-o", f"UserKnownHostsFile={fleet.known_hosts}"]
        os.makedirs(folder)

    def on_all(self, work):
        with concurrent.futures.ThreadPoolExecutor(OPENED_AT_ONCE) as pool:
            list(pool.map(work, self.fleet.addresses))

    def deploy(self, version):
        source = f"{self.folder}/source-{version}"
        if not os.path.exists(source):
            os.makedirs(source)
            for number, name in enumerate(names()):
                with open(f"{source}/{name}", "w") as file:
                    file.write(content(number, version))
            os.symlink(names()[0], f"{source}/link")
        given = run("tar", "c", "-C", source, ".")
        self.on_all(lambda address: run("ssh", *self.options, address, f"tar x -C {TARGET}", given=given))

    def open(self):
        """Keeps a connection to each host."""
        self.on_all(lambda address: run("ssh", *self.options, "-M", "-S", f"{self.folder}/{address}", "-f", "-N", address))

    def again(self):
        """One round trip a host, over the kept connections."""
        self.on_all(lambda address: run("ssh", *self.options, "-S", f"{self.folder}/{address}", address, "true"))

    def close(self):
        self.on_all(lambda address: run("ssh", "-S", f"{self.folder}/{address}", "-O", "exit", address))


class PyInfra:
    name = "pyinfra"

    def __init__(self, fleet, folder, peers):
        self.fleet, self.folder, self.program = fleet, folder, f"{peers}/bin/pyinfra"
        os.makedirs(folder)
        data = {"ssh_user": "root", "ssh_port": PORT, "ssh_key": fleet.key, "ssh_known_hosts_file": fleet.known_hosts,
                "ssh_strict_host_key_checking": "yes"}
        with open(f"{folder}/inventory.py", "w") as file:
            file.write(f"hosts = [(address, {data!r}) for address in {fleet.addresses!r}]\n")

    def deploy(self, version):
        with open(f"{self.folder}/deploy.py", "w") as file:
            file.write("from pyinfra.operations import files\n")
            for number, name in enumerate(names()):
                source = f"{self.folder}/{name}"
                with open(source, "w") as text:
                    text.write(content(number, version))
                file.write(f"files.put(name={name!r}, src={source!r}, dest={TARGET + '/' + name!r}, mode='644')\n")
            file.write(f"files.link(name='link', path={TARGET + '/link'!r}, target={names()[0]!r})\n")
        run(self.program, "-y", "--parallel", "50", "inventory.py", "deploy.py", cwd=self.folder)


class Ansible:
    name, strategy = "ansible", "linear"

    def __init__(self, fleet, folder, peers):
        self.fleet, self.folder, self.peers = fleet, folder, peers
        os.makedirs(f"{folder}/files")
        with open(f"{folder}/inventory", "w") as file:
            file.writelines(f"{address} ansible_port={PORT} ansible_user=root ansible_python_interpreter=/usr/bin/python3 "
                            f"ansible_ssh_private_key_file={fleet.key}\n" for address in fleet.addresses)
        with open(f"{folder}/ansible.cfg", "w") as file:
            file.write(self.settings())
        tasks = [{"copy": {"src": "{{ item }}", "dest": TARGET + "/{{ item }}", "mode": "0644"}, "loop": names()},
                 {"file": {"src": names()[0], "path": f"{TARGET}/link", "state": "link", "force": True, "follow": False}}]
        with open(f"{folder}/site.yml", "w") as file:
            json.dump([{"hosts": "all", "gather_facts": False, "tasks": tasks}], file)

    def settings(self):
        return ("[defaults]\ninventory = inventory\nforks = 50\n"
                f"local_tmp = {self.folder}/tmp\nstrategy = {self.strategy}\n{self.plugins()}"
                "[ssh_connection]\npipelining = True\n"
                f"control_path_dir = {self.folder}/cp\n"
                f"ssh_args = -C -o ControlMaster=auto -o ControlPersist=60s -o UserKnownHostsFile={self.fleet.known_hosts}\n")

    def plugins(self):
        return ""

    def deploy(self, version):
        for number, name in enumerate(names()):
            with open(f"{self.folder}/files/{name}", "w") as text:
                text.write(content(number, version))
        with open(f"{self.folder}/log", "wb") as log:
            done = subprocess.run([f"{self.peers}/bin/ansible-playbook", "site.yml"], cwd=self.folder, stdout=log, stderr=log,
                                  env=environ(ANSIBLE_CONFIG=f"{self.folder}/ansible.cfg", LC_ALL="C.UTF-8"))
        if done.returncode != 0:
            with open(f"{self.folder}/log", errors="replace") as log:
                raise Surprise(f"{self.name}: {log.read()[-2000:]}")


class Mitogen(Ansible):
    name, strategy = "mitogen", "mitogen_linear"

    def plugins(self):
        site = run(f"{self.peers}/bin/python", "-c", "import ansible_mitogen, os; print(os.path.dirname(ansible_mitogen.__file__))")
        return f"strategy_plugins = {site.decode().strip()}/plugins/strategy\n"

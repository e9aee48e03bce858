"""What scripts/bench_containers.py works with: the engine's API as fast as it goes, the small web program as images, HAProxy,
and the two peers, docker-compose and `docker stack deploy`."""
import http.client
import json
import os
import queue
import re
import shutil
import signal
import socket
import subprocess
import threading
import time

from bench_parts import PROJECT, Surprise, environ, run, wait

SOCKET = os.environ.get("DOCKER_HOST", "").removeprefix("unix://")
TOGETHER = 16  # as many containers at once as reconcile is told to
REPLICAS = int(os.environ.get("REPLICAS", 50))
PORT = 8080
IMAGES = {}  # the id of each version's image
HAPROXY = """global
    stats socket {socket} mode 600 level admin
    maxconn 1000
defaults
    mode http
    timeout connect 2s
    timeout client 30s
    timeout server 30s
frontend all
    bind 127.0.0.1:{port}
    use_backend beta if {{ req.hdr(x-group) beta }} {{ nbsrv(beta) gt 0 }}
    default_backend web
backend web
    balance roundrobin
    option redispatch 1
backend beta
    balance roundrobin
    option redispatch 1
"""
COMPOSE = """version: "3.8"
services:
  web:
    image: {image}
    {place}
"""
STACK = """version: "3.8"
services:
  web:
    image: {image}
    environment: {{PORT: "{port}"}}
    networks: [given]
    {ports}
    deploy: {{replicas: {replicas}, update_config: {{parallelism: 0}}}}
networks: {{given: {{external: true, name: {network}}}}}
"""


class Connection(http.client.HTTPConnection):
    """One kept connection to the engine."""

    def __init__(self):
        super().__init__("engine")

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(60)
        self.sock.connect(SOCKET)

    def call(self, method, path, body=None):
        given = None if body is None else json.dumps(body)
        self.request(method, path, given, {"Content-Type": "application/json"} if given else {})
        answer = self.getresponse()
        text = answer.read()
        if answer.status >= 400:
            raise Surprise(f"{method} {path} was answered with {answer.status}: {text.decode(errors='replace')[:500]}")
        return json.loads(text) if text.startswith((b"{", b"[")) else None


def all_at_once(work, items):
    """Does some work with each item, so many at once, each worker on a connection of its own."""
    waiting, failures = queue.Queue(), []
    for item in items:
        waiting.put(item)

    def worker():
        connection = Connection()
        try:
            while True:
                work(connection, waiting.get_nowait())
        except queue.Empty:
            connection.close()
        except (Surprise, OSError, http.client.HTTPException) as failure:
            failures.append(failure)
    workers = [threading.Thread(target=worker) for _ in range(TOGETHER)]
    for thread in workers:
        thread.start()
    for thread in workers:
        thread.join()
    if failures:
        raise Surprise(f"the engine: {failures[0]}")


def build_images(folder, versions):
    """The small web program as image web:N for each version, all the same but for the answer."""
    context = f"{folder}/web"
    shutil.copytree(f"{PROJECT}/docs/examples/web", context)
    run("gcc", "-O2", "-static", "-pthread", "-o", f"{context}/web", f"{context}/web.c")
    for version, settings in versions.items():
        arguments = [f"--build-arg={key}={value}" for key, value in {"VERSION": version, **settings}.items()]
        done = subprocess.run(["docker", "build", "-q", "-t", f"web:{version}", *arguments, context],
                              env=environ(DOCKER_BUILDKIT="0"), stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
        if done.returncode != 0:
            raise Surprise(f"docker build: {done.stderr.decode()[-1000:]}")
        IMAGES[str(version)] = Connection().call("GET", f"/images/web:{version}/json")["Id"]


def containers(everything=False):
    return Connection().call("GET", f"/containers/json?all={int(everything)}")


def running(version):
    """How many containers run, and how many of them are of a version."""
    images = [container["ImageID"] for container in containers()]
    return len(images), images.count(IMAGES[str(version)])


def all_run(version, count=None):
    count = REPLICAS if count is None else count
    return running(version) == (count, count)


def remove_everything():
    all_at_once(lambda engine, one: engine.call("DELETE", f"/containers/{one['Id']}?force=1&v=1"), containers(True))


class RawAPI:
    """What the API itself takes: create, start, stop and remove, and nothing else."""
    name = "raw"

    def __init__(self, _, network):
        self.network, self.version = network, None

    def body(self, version):
        body = {"Image": f"web:{version}", "ExposedPorts": {f"{PORT}/tcp": {}}}
        if self.network == "host":
            return {**body, "Env": ["PORT=0"], "HostConfig": {"NetworkMode": "host"}}
        return {**body, "HostConfig": {"PortBindings": {f"{PORT}/tcp": [{"HostIp": "127.0.0.1", "HostPort": ""}]}}}

    def deploy(self, version):
        before, self.version = self.version, version

        def one(engine, number):
            made = engine.call("POST", f"/containers/create?name=raw-{version}-{number}", self.body(version))
            engine.call("POST", f"/containers/{made['Id']}/start")
            if before is not None:
                engine.call("POST", f"/containers/raw-{before}-{number}/stop?t=10")
                engine.call("DELETE", f"/containers/raw-{before}-{number}?v=1")
        all_at_once(one, range(REPLICAS))

    def again(self):
        run("docker", "ps", "-a", "-q", "--no-trunc")

    def remove(self):
        remove_everything()


class Compose:
    """Debian's docker-compose; it starts up to 64 at once by itself."""
    name = "compose"

    def __init__(self, folder, network):
        self.folder, self.network = f"{folder}/compose-{network}", network
        os.makedirs(self.folder)

    def deploy(self, version):
        place = "network_mode: host\n    environment: {PORT: \"0\"}" if self.network == "host" else f"ports: [\"127.0.0.1::{PORT}\"]"
        with open(f"{self.folder}/docker-compose.yml", "w") as file:
            file.write(COMPOSE.format(image=f"web:{version}", place=place))
        run("docker-compose", "up", "-d", "--scale", f"web={REPLICAS}", cwd=self.folder)

    def again(self):
        self.deploy(1)

    def remove(self):
        remove_everything()


class Stack:
    """Swarm mode; all replicas are updated at once, and ports are published on the machine, without its routing mesh."""
    name = "stack"

    def __init__(self, folder, network):
        self.file, self.network = f"{folder}/stack-{network}.yml", network
        if Connection().call("GET", "/info")["Swarm"]["LocalNodeState"] != "active":
            run("docker", "swarm", "init", "--advertise-addr", "127.0.0.1")

    def deploy(self, version):
        ports = f"ports: [{{target: {PORT}, mode: host}}]" if self.network == "bridge" else ""
        with open(self.file, "w") as file:
            file.write(STACK.format(image=f"web:{version}", port=PORT if ports else 0, ports=ports, replicas=REPLICAS,
                                    network=self.network))
        run("docker", "stack", "deploy", "--resolve-image", "never", "-c", self.file, "bench")

    def again(self):
        self.deploy(1)

    def remove(self):
        run("docker", "stack", "rm", "bench")
        wait(lambda: not containers(True), "the stack is gone", 120, 0.1)
        run("docker", "swarm", "leave", "--force")


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


class HAProxy:
    """A HAProxy of our own, whose backends `web`, and `beta` for requests with a certain header, are empty."""

    def __init__(self, folder):
        self.socket, self.port = f"{folder}/haproxy.sock", free_port()
        self.address = f"http://127.0.0.1:{self.port}/"
        with open(f"{folder}/haproxy.cfg", "w") as file:
            file.write(HAPROXY.format(socket=self.socket, port=self.port))
        self.log = open(f"{folder}/haproxy.log", "wb")
        self.process = subprocess.Popen(["haproxy", "-db", "-f", f"{folder}/haproxy.cfg"], stdout=self.log, stderr=self.log)

    def __enter__(self):
        wait(lambda: os.path.exists(self.socket), "HAProxy listens")
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.wait()
        self.log.close()

    def say(self, command):
        with socket.socket(socket.AF_UNIX) as connection:
            connection.settimeout(10)
            connection.connect(self.socket)
            connection.sendall(command.encode() + b"\n")
            answer = b""
            while part := connection.recv(65536):
                answer += part
        return answer.decode()

    def weights(self, backend):
        """The weights of the servers that may get new requests, by address."""
        head, *rows = self.say("show stat -1 4 -1").removeprefix("# ").strip().split("\n")
        names = head.split(",")
        servers = [dict(zip(names, row.split(","))) for row in rows]
        return {one["addr"]: int(one["weight"]) for one in servers
                if one["pxname"] == backend and one["status"].startswith(("UP", "no check")) and int(one["weight"]) > 0}


def addresses(version):
    """Where the containers of a version are reached on the engine's bridge."""
    return {f"{network['IPAddress']}:{PORT}" for container in containers() if container["ImageID"] == IMAGES[str(version)]
            for network in container["NetworkSettings"]["Networks"].values()}


class Load:
    """`wrk` at a steady load until the body ends: 20 connections to a program that takes 10 ms for each answer. All requests
    carry the header that an A/B test looks for."""

    def __init__(self, address):
        self.command = ["wrk", "-t", "2", "-c", "20", "-d", "300s", "--timeout", "5s", "--latency", "-H", "X-Group: beta", address]

    def __enter__(self):
        self.process = subprocess.Popen(self.command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        time.sleep(0.5)
        return self

    def __exit__(self, *_):
        time.sleep(1)
        self.process.send_signal(signal.SIGINT)
        said = self.process.communicate(timeout=30)[0].decode()
        latency = re.search(r"99%\s+([\d.]+)(us|ms|s)", said)
        answered = re.search(r"(\d+) requests in", said)
        if not latency or not answered:
            raise Surprise(f"wrk said: {said}")
        self.requests = int(answered[1])
        self.p99 = float(latency[1]) * {"us": 1e-6, "ms": 1e-3, "s": 1}[latency[2]]
        wrong = re.search(r"Non-2xx or 3xx responses: (\d+)", said)
        broken = re.search(r"Socket errors: connect (\d+), read (\d+), write (\d+), timeout (\d+)", said)
        self.failed = (int(wrong[1]) if wrong else 0) + (sum(map(int, broken.groups())) if broken else 0)

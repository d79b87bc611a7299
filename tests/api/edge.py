"""Debian's nginx with the configuration of edge/, as a child process over a folder of its own."""
import os
import pathlib
import shutil
import socket
import subprocess
import tempfile

from server import ROOT

EDGE = ROOT / "edge"


class Edge:
    """Listens on ports of its own choice, with `server` of edge/ (plain.conf, tls.conf), before `upstream`, the
    ports of the service's instances. `changes` are pairs of texts replaced in the configuration, each of which must be there."""

    def __init__(self, *upstream, server="plain.conf", changes=(), secrets=None):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="elinvoima-edge-"))
        self.folder.chmod(0o755)  # started by root, its workers are nobody
        # bound here and handed over: no port is guessed, and what connects early waits in the queue
        sockets = {port: listen() for port in (8080, 8443) if f"listen {port} " in (EDGE / server).read_text()}
        descriptors = [held.fileno() for held in sockets.values()]
        self.ports = {port: held.getsockname()[1] for port, held in sockets.items()}
        self.port, self.tls_port = self.ports[8080], self.ports.get(8443)
        self._write(upstream, server, changes, secrets)
        self.log = open(self.folder / "log", "w+b")
        self.process = subprocess.Popen(
            ["setpriv", "--pdeathsig", "TERM", "/usr/sbin/nginx", "-p", self.folder, "-c", self.folder / "nginx.conf"],
            env={**os.environ, "NGINX": "".join(f"{descriptor};" for descriptor in descriptors)}, pass_fds=descriptors,
            stdin=subprocess.DEVNULL, stdout=self.log, stderr=self.log, cwd="/")
        for held in sockets.values():
            held.close()

    def _write(self, upstream, server, changes, secrets):
        texts = {path.name: path.read_text() for path in EDGE.glob("*.conf")}
        texts["server.conf"] = texts[server]
        texts["upstream.conf"] = "\n".join(f"server 127.0.0.1:{port} max_fails=0;" for port in upstream)
        listens = [(f"listen {port} ", f"listen 127.0.0.1:{real} ") for port, real in self.ports.items()]
        # a second worker may be so young when the test is over that it does not hear the signal to end
        one = ("worker_processes auto", "worker_processes 1")
        for old, new in (one, *changes, *listens, ("/run/secrets", f"{secrets}")):
            assert old in "".join(texts.values()), f"edge/ has no '{old}' any more"
            texts = {name: text.replace(old, new) for name, text in texts.items()}
        for name, text in texts.items():
            (self.folder / name).write_text(text)

    def text(self):
        return (self.folder / "log").read_text(errors="replace")

    def stop(self):
        alive = self.process.poll() is None
        self.process.terminate()
        self.process.wait(20)
        self.log.close()
        text = self.text()
        shutil.rmtree(self.folder, ignore_errors=True)
        assert alive and self.process.returncode == 0, f"nginx ended by itself:\n{text[-3000:]}"
        bad = [line for line in text.splitlines() if any(word in line for word in ("[emerg]", "[alert]", "[crit]"))]
        assert not bad, "\n".join(bad[:9])


def listen():
    held = socket.socket()
    held.bind(("127.0.0.1", 0))
    held.listen(1024)
    return held

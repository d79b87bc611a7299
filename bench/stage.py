"""What both commands stand on: a private PostgreSQL cluster that is filled, and the service over it."""
import http.client
import json
import os
import pathlib
import pwd
import re
import shutil
import signal
import subprocess
import tempfile
import time

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent
BUILD = ROOT / "build-bench"
PROGRAM = BUILD / "elinvoima"
PG = pathlib.Path("/usr/lib/postgresql/15/bin")
PARTIES = 16  # as fill.sql makes them
SETTINGS = {"fsync": "on", "synchronous_commit": "on", "full_page_writes": "on", "shared_buffers": "256MB",
            "effective_cache_size": "1GB", "random_page_cost": "1.1", "max_connections": "100", "max_wal_size": "1GB",
            "log_destination": "jsonlog", "logging_collector": "on", "log_directory": "log",
            "log_filename": "statements.log", "listen_addresses": "", "timezone": "UTC"}
# what src/db.c asks of its connections
SESSION = "-c timezone=UTC -c datestyle=ISO -c jit=off -c statement_timeout=5000 -c lock_timeout=5000"


def build(folder=BUILD, *options):
    if not (folder / "build.ninja").exists():
        subprocess.run(["meson", "setup", folder, ROOT, "--buildtype=release", *options], check=True, stdout=subprocess.DEVNULL)
    made = subprocess.run(["ninja", "-C", folder, "--quiet", "elinvoima"], capture_output=True, text=True)
    if made.returncode:
        raise SystemExit(made.stdout)
    return folder / "elinvoima"


def measure_id(n):
    return f"0190b3e0-0005-7000-8000-1{n:011d}"


def theme_id(n):
    return f"0190b3e0-0003-7000-8000-1{n:011d}"


def request_id(n):
    return f"0190b3e0-0007-7000-8000-1{n:011d}"


def _account():
    """The user PostgreSQL runs as: it refuses root."""
    return "postgres" if os.getuid() == 0 else pwd.getpwuid(os.getuid()).pw_name


def _as_account(*command):
    if os.getuid() != 0:
        return list(command)
    return ["setpriv", "--reuid=postgres", "--regid=postgres", "--init-groups", *command]


class Cluster:
    """Deleted when left. Its folder is the account's alone, and the socket with it."""

    def __init__(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="elinvoima-bench-"))
        self.data = self.folder / "data"

    def __enter__(self):
        try:
            shutil.chown(self.folder, _account())
            self._control("initdb", "-D", self.data, "-U", "postgres", "--auth=trust", "-E", "UTF8", "--locale=C.UTF-8",
                          "--no-sync", "--no-instructions")
            options = " ".join(f"-c {name}={value}" for name, value in SETTINGS.items())
            self._control("pg_ctl", "start", "-D", self.data, "-w", "-s", "-l", self.folder / "start.log",
                          "-o", f"{options} -k {self.folder}")
        except BaseException:
            self.__exit__()
            raise
        self.pid = int((self.data / "postmaster.pid").read_text().split()[0])
        return self

    def __exit__(self, *_):
        subprocess.run(_as_account(PG / "pg_ctl", "stop", "-D", self.data, "-m", "immediate", "-s"), cwd="/", check=False,
                       stderr=subprocess.DEVNULL)
        shutil.rmtree(self.folder, ignore_errors=True)

    def _control(self, command, *arguments):
        subprocess.run(_as_account(PG / command, *arguments), check=True, stdout=subprocess.DEVNULL, cwd="/")

    def url(self, role):
        return f"host={self.folder} user={role} dbname=bench"

    def sql(self, text, database="bench"):
        result = subprocess.run(["psql", "-qAtX", "-v", "ON_ERROR_STOP=1", "-h", self.folder, "-U", "postgres", database],
                                input=text, check=True, capture_output=True, text=True)
        return result.stdout.strip()

    def fill(self, environment, programmes):
        self.sql("create role elinvoima_service nologin; create role elinvoima_owner login; "
                 "create role elinvoima login in role elinvoima_service", "postgres")
        self.sql("create database bench owner elinvoima_owner", "postgres")
        self.sql("create extension postgis")
        towns = self.folder / "municipalities.json"
        towns.write_text(json.dumps([{"code": "743", "name": {"fi": "Seinäjoki"}, "languages": ["fi"]}]))
        for command in ("migrate",), ("municipality", towns):
            subprocess.run([PROGRAM, *command], env=environment, check=True, stdout=subprocess.DEVNULL)
        subprocess.run(["psql", "-qAtX", "-h", self.folder, "-U", "postgres", "-v", f"programmes={programmes}",
                        "-f", HERE / "fill.sql", "bench"], check=True, stdout=subprocess.DEVNULL)

    def cpu_s(self):
        """Of the server and its backends, the ended ones included."""
        children = pathlib.Path(f"/proc/{self.pid}/task/{self.pid}/children").read_text().split()
        return cpu_s(self.pid, with_ended=True) + sum(cpu_s(int(pid)) for pid in children)

    def statements(self):
        """What was logged: (text, values) each, in order."""
        found = []
        for line in (self.data / "log" / "statements.json").read_text().splitlines():
            entry = json.loads(line)
            kind, _, text = entry["message"].partition(": ")
            if kind == "statement" or kind.startswith("execute "):
                found.append((text, _read_values(entry.get("detail", ""))))
        return found

    def log_statements(self, on):
        self.sql(f"alter role elinvoima set log_statement = '{'all' if on else 'none'}'")


def _read_values(detail):
    """parameters: $1 = '743', $2 = NULL"""
    values, at = [], len("parameters: ")
    while at < len(detail):
        at = detail.index(" = ", at) + 3
        if detail.startswith("NULL", at):
            values.append(None)
            at += 4 + 2
            continue
        at, value = at + 1, ""
        while detail[at] != "'" or detail[at:at + 2] == "''":
            value += detail[at]
            at += 2 if detail[at] == "'" else 1
        values.append(value)
        at += 1 + 2
    return values


def cpu_s(pid, with_ended=False):
    try:
        fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except FileNotFoundError:
        return 0.0
    return sum(int(ticks) for ticks in fields[11:15 if with_ended else 13]) / os.sysconf("SC_CLK_TCK")


class Service:
    """The program in production configuration: its log is a file, its tokens are signed with ES256."""

    def __init__(self, cluster, wrapper=(), program=PROGRAM, **settings):
        self.cluster, self.wrapper, self.program = cluster, wrapper, program
        self.log = cluster.folder / "service.log"
        self.key = cluster.folder / "token.pem"
        settings = {"database_url": cluster.url("elinvoima"), "migration_database_url": cluster.url("elinvoima_owner"),
                    "listen": "127.0.0.1:0", "admin_listen": "127.0.0.1:0", "token_key_file": self.key, **settings}
        self.environment = {name: value for name, value in os.environ.items() if not name.startswith("ELINVOIMA_")}
        self.environment.update({f"ELINVOIMA_{name.upper()}": str(value) for name, value in settings.items()})

    def prepare(self, programmes):
        subprocess.run([PROGRAM, "token", "--new-key", self.key], env=self.environment, check=True, stdout=subprocess.DEVNULL)
        self.cluster.fill(self.environment, programmes)
        self.tokens = [subprocess.run([PROGRAM, "token", "--subject", f"bench-{1 + n}"], env=self.environment, check=True,
                                      capture_output=True, text=True).stdout.strip() for n in range(PARTIES)]

    def __enter__(self):
        with open(self.log, "wb") as log:
            self.process = subprocess.Popen([*self.wrapper, self.program, "serve"], env=self.environment, stderr=log,
                                            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
        try:
            self.port = self._wait_for_port()
        except BaseException:
            self.__exit__()
            raise
        return self

    def _wait_for_port(self):
        end = time.monotonic() + 60
        while time.monotonic() < end and self.process.poll() is None:
            for line in self.log.read_text().splitlines():
                if '"listening"' in line:
                    return json.loads(line)["port"]
            time.sleep(0.02)
        raise RuntimeError("the service did not start:\n" + self.log.read_text())

    def __exit__(self, *_):
        self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(30)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()

    def connect(self):
        return http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)

    def memory_kb(self):
        lines = pathlib.Path(f"/proc/{self.process.pid}/status").read_text().splitlines()
        values = dict(line.split(":", 1) for line in lines)
        return int(values["VmRSS"].split()[0]), int(values["VmHWM"].split()[0])


def ask(connection, method, path, token=None, body=None, key=None):
    """One request; its body. Anything but 2xx ends the run."""
    headers = {}
    if token:
        headers["Authorization"] = f"Bearer {token}"
    if body is not None:
        headers["Content-Type"] = "application/json"
        headers["Idempotency-Key"] = key
    connection.request(method, path, body, headers)
    answer = connection.getresponse()
    content = answer.read()
    if answer.status // 100 != 2:
        raise RuntimeError(f"{method} {path}: {answer.status} {content.decode()}")
    return content


def wrk(service, file, connections, seconds):
    """Sends the requests of a file (requests.lua). The 99th percentile in milliseconds."""
    said = subprocess.run(["wrk", "-t2", f"-c{connections}", f"-d{seconds}s", "--latency", "-s", HERE / "requests.lua",
                           f"http://127.0.0.1:{service.port}", "--", file, "2"], check=True, capture_output=True, text=True).stdout
    if "Non-2xx" in said or "Socket errors" in said:
        raise RuntimeError(f"not every request was answered well\n{said}")
    p99 = re.search(r"99% +([\d.]+)(us|ms|s)", said)
    return float(p99[1]) * {"us": 1e-3, "ms": 1, "s": 1e3}[p99[2]]


def insert_rows(cluster, seconds):
    """What a durable insert costs here: pgbench's rows a second by single inserts with 64 clients."""
    cluster.sql("create table if not exists one_row (id uuid primary key default gen_random_uuid(), body text not null);"
                "grant insert on one_row to elinvoima")
    file = cluster.folder / "script.sql"
    file.write_text("insert into one_row (body) values ('a row of some sixty bytes, as long as a ballot with three choices')\n;")
    said = subprocess.run(["pgbench", "-n", "-M", "prepared", "-c", "64", "-j", "2", "-T", str(seconds), "-f", file,
                           "-h", cluster.folder, "-U", "elinvoima", "bench"], capture_output=True, text=True)
    if said.returncode:
        raise RuntimeError(said.stderr[-2000:])
    return float(re.search(r"tps = ([\d.]+)", said.stdout)[1])


def report(n):
    """The body that createReport gets for request n."""
    return json.dumps({"report_request_id": request_id(n), "reported_status": "in_progress",
                       "summary": {"fi": "Neuvottelut on käyty ja ensimmäinen ryhmä on aloittanut."},
                       "next_step": {"fi": "Toinen ryhmä kootaan syksyllä."}, "spent_cents": 1250000}, ensure_ascii=False)

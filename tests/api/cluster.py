"""A throw-away PostgreSQL cluster: made, used and deleted by one test run."""
import os
import pathlib
import pwd
import shutil
import signal
import subprocess
import tempfile

import psycopg2

PG = pathlib.Path("/usr/lib/postgresql/15/bin")
TEMPLATE = "elinvoima_template"
# What a crash of the machine would lose does not matter here; a killed *service* is another matter and
# needs none of these.
HURRY = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off", "wal_level": "minimal",
         "max_wal_senders": "0", "autovacuum_naptime": "10min"}


def _account():
    """The user PostgreSQL runs as: it refuses root."""
    return "postgres" if os.getuid() == 0 else pwd.getpwuid(os.getuid()).pw_name


def _as_account(*command):
    if os.getuid() != 0:
        return list(command)
    return ["setpriv", "--reuid=postgres", "--regid=postgres", "--init-groups", *command]


class Cluster:
    def __init__(self, settings=HURRY):
        base = "/dev/shm" if os.access("/dev/shm", os.W_OK) else "/tmp"
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="elinvoima-", dir=base))
        self.process = None
        try:
            self._make()
            self.start(settings)
            # every database is made from it, and PostGIS is the administrator's to make
            self.ask("template1", "create extension postgis")
            self._run("create role elinvoima_service nologin", "create role elinvoima_owner login",
                      "create role elinvoima login in role elinvoima_service",
                      f"create database {TEMPLATE} owner elinvoima_owner")
        except BaseException:
            self.stop()
            raise

    def _make(self):
        shutil.chown(self.folder, _account())
        data = self.folder / "data"
        # the folder is the account's alone, so whoever reaches the socket is root or the account
        subprocess.run(_as_account(PG / "initdb", "-D", data, "-U", "postgres", "--auth=trust", "-E", "UTF8",
                                   "--locale=C.UTF-8", "--no-sync", "--no-instructions"),
                       check=True, stdout=subprocess.DEVNULL, cwd="/")

    def start(self, settings=HURRY):
        options = {"listen_addresses": "", "unix_socket_directories": str(self.folder), "timezone": "UTC",
                   "max_connections": "200", "shared_buffers": "128MB", "log_statement": "none", **settings}
        # SIGINT is PostgreSQL's fast shutdown: should this process die, nothing is left behind
        command = _as_account("setpriv", "--pdeathsig", "INT", PG / "postgres", "-D", self.folder / "data",
                              *[f"--{name}={value}" for name, value in options.items()])
        self.process = subprocess.Popen(command, stderr=subprocess.PIPE, stdin=subprocess.DEVNULL, cwd="/", text=True)
        self._wait_until_ready()

    def _run(self, *statements):
        """Outside of a transaction, as the cluster's first user."""
        connection = self.connect("postgres", "postgres")
        try:
            connection.autocommit = True
            with connection.cursor() as cursor:
                for statement in statements:
                    cursor.execute(statement)
        finally:
            connection.close()

    def _wait_until_ready(self):
        lines = []
        for line in self.process.stderr:
            lines.append(line)
            if "ready to accept connections" in line:
                break
        else:
            raise RuntimeError("PostgreSQL did not start:\n" + "".join(lines))
        # what it says from now on goes to a file, so that the pipe never fills
        with open(self.folder / "postgresql.log", "wb") as log:
            self._drain = subprocess.Popen(["cat"], stdin=self.process.stderr, stdout=log)
        self.process.stderr.close()

    def url(self, database, user="elinvoima"):
        return f"host={self.folder} dbname={database} user={user}"

    def connect(self, database, user="elinvoima_owner"):
        return psycopg2.connect(self.url(database, user))

    def ask(self, database, statement, *values, user="postgres"):
        """The rows of one statement, in a session of its own."""
        connection = self.connect(database, user)
        try:
            connection.autocommit = True
            with connection.cursor() as cursor:
                cursor.execute(statement, values)
                return cursor.fetchall() if cursor.description else []
        finally:
            connection.close()

    def create(self, name, template=TEMPLATE):
        """A database of its own, filled like the template."""
        self.delete(name)
        self._run(f'create database "{name}" template "{template}" owner elinvoima_owner')
        return name

    def delete(self, name):
        self._run(f'drop database if exists "{name}" with (force)')

    def halt(self, how=signal.SIGINT):
        """Ends the server; SIGINT is PostgreSQL's fast shutdown, SIGQUIT the immediate one."""
        self.process.send_signal(how)
        self.process.wait()
        self._drain.wait()
        self.process = None

    def stop(self):
        if self.process:
            self.halt()
        shutil.rmtree(self.folder, ignore_errors=True)


class Running(Cluster):
    """The cluster another process of the run started."""

    def __init__(self, folder):
        self.folder = pathlib.Path(folder)
        self.process = None

    def stop(self):
        pass

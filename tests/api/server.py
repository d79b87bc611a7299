"""The real program as a child process: its settings, its log and its end."""
import json
import os
import pathlib
import signal
import subprocess
import threading
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
PROGRAM = pathlib.Path(os.environ.get("ELINVOIMA_TEST_PROGRAM", ROOT / "build-test" / "elinvoima"))
SANITIZER_STATUS = 86
SANITIZERS = {
    "ASAN_OPTIONS": f"abort_on_error=0:exitcode={SANITIZER_STATUS}:detect_leaks=1:detect_stack_use_after_return=1:"
                    "strict_string_checks=1:verify_asan_link_order=0",  # a clock may be preloaded
    "UBSAN_OPTIONS": f"halt_on_error=1:exitcode={SANITIZER_STATUS}:print_stacktrace=1",
}


def fake_clock(when):
    """Settings of the environment under which a process sees another wall clock: libfaketime's FAKETIME. What is
    measured on the monotonic clock (waits, deadlines) goes on as ever."""
    return {"LD_PRELOAD": f"/usr/lib/{os.uname().machine}-linux-gnu/faketime/libfaketimeMT.so.1", "FAKETIME": when,
            "FAKETIME_DONT_FAKE_MONOTONIC": "1", "TZ": "UTC"}


def environment(settings, reports=None):
    """The shell's environment without its ELINVOIMA_ settings and with these."""
    result = {name: value for name, value in os.environ.items() if not name.startswith("ELINVOIMA_")}
    result.update(SANITIZERS)
    if reports:
        for name, file in (("ASAN_OPTIONS", "asan"), ("UBSAN_OPTIONS", "ubsan")):
            result[name] += f":log_path={reports}/{file}"
    result.update({f"ELINVOIMA_{name.upper()}": str(value) for name, value in settings.items()})
    return result


def run(*arguments, settings=None, program=PROGRAM, more=None, **options):
    """One command of the program; its standard output. Fails with what it said."""
    result = subprocess.run([program, *arguments], env={**environment(settings or {}), **(more or {})}, capture_output=True,
                            text=True, **options)
    if result.returncode != 0:
        raise RuntimeError(f"elinvoima {' '.join(map(str, arguments))}: {result.returncode}\n{result.stderr}")
    return result.stdout


class Server:
    """`elinvoima serve` on ports of its own choice; `more` is for its environment, `wrap` a command around it."""

    def __init__(self, settings, reports=None, program=PROGRAM, more=None, wrap=()):
        self.settings = {"listen": "127.0.0.1:0", "admin_listen": "127.0.0.1:0", "log_level": "debug", **settings}
        self.reports, self.command, self.more = reports, [*wrap, program, "serve"], more or {}
        self.log = []
        self.said = threading.Condition()
        self.start()

    def start(self):
        self.is_stopped = False
        self.process = subprocess.Popen(self.command, env={**environment(self.settings, self.reports), **self.more},
                                        stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
        self.reader = threading.Thread(target=self._read, args=(self.process.stderr,), daemon=True)
        mark = len(self.log)
        self.reader.start()
        line = self.wait_for_line(lambda entry: entry.get("message") == "listening", since=mark)
        self.port, self.admin_port = line["port"], line["admin_port"]

    def used_cpu_s(self):
        """Since the process began."""
        fields = pathlib.Path(f"/proc/{self.process.pid}/stat").read_text(encoding="utf-8").rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def _read(self, stream):
        for raw in iter(stream.readline, b""):
            with self.said:
                self.log.append(raw)
                self.said.notify_all()
        stream.close()
        with self.said:
            self.log.append(None)
            self.said.notify_all()

    def wait_for_line(self, matches, since=0, timeout=60):
        """The first log entry from `since` on that matches; waits for it to be written."""
        end, at = time.monotonic() + timeout, since
        with self.said:
            while True:
                for raw in self.log[at:]:
                    at += 1
                    if raw is None:
                        raise AssertionError("the service ended:\n" + self.text(since))
                    try:
                        entry = json.loads(raw)
                    except ValueError:
                        continue
                    if matches(entry):
                        return entry
                if not self.said.wait(max(0, end - time.monotonic())):
                    raise AssertionError(f"no such log line in {timeout} s:\n" + self.text(since))

    def lines(self, since=0):
        with self.said:
            return [raw for raw in self.log[since:] if raw is not None]

    def text(self, since=0):
        return b"".join(self.lines(since)).decode("utf-8", "replace")[-6000:]

    @property
    def mark(self):
        """Where the log is now, for `since`."""
        with self.said:
            return len(self.log)

    def assert_alive(self):
        assert self.process.poll() is None, f"the service ended with {self.process.returncode}:\n{self.text()}"

    def kill(self):
        self.process.kill()
        self.process.wait()
        self.reader.join()
        self.is_stopped = True

    def stop(self):
        """SIGTERM; anything but a clean end within 60 s fails, sanitizer reports included."""
        if self.is_stopped:
            return
        self.is_stopped = True
        self.process.send_signal(signal.SIGTERM)
        try:
            status = self.process.wait(60)
        except subprocess.TimeoutExpired:
            self.process.kill()
            raise AssertionError("the service did not end:\n" + self.text()) from None
        self.reader.join()
        assert status == 0, f"the service ended with {status}:\n{self.text()}\n{read_reports(self.reports)}"


def read_reports(folder):
    """What the sanitizers wrote."""
    if not folder:
        return ""
    return "\n".join(path.read_text(errors="replace") for path in sorted(pathlib.Path(folder).glob("*san.*")))

"""Bytes on a socket, for what no HTTP client would send."""
import re
import socket
import struct


class Answer:
    def __init__(self, status, headers, body):
        self.status, self.headers, self.body = status, headers, body

    def __repr__(self):
        return f"{self.status} {self.headers} {self.body[:300]}"


class Raw:
    def __init__(self, port, timeout=20, source="127.0.0.1"):
        self.socket = socket.create_connection(("127.0.0.1", port), timeout, source_address=(source, 0))
        self.rest = b""

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.socket.close()

    def send(self, data):
        self.socket.sendall(data)
        return self

    def reset(self):
        """Ends the connection without saying so."""
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.socket.close()

    def _more(self):
        try:
            data = self.socket.recv(65536)
        except ConnectionResetError:
            data = b""
        self.rest += data
        return bool(data)

    def answer(self):
        """The next answer, None when the connection ended without one."""
        while b"\r\n\r\n" not in self.rest:
            if not self._more():
                return None
        head, _, self.rest = self.rest.partition(b"\r\n\r\n")
        first, *lines = head.decode("latin-1").split("\r\n")
        headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
        status = int(re.match(r"HTTP/1\.[01] (\d{3})", first)[1])
        length = int(headers.get("content-length", 0))
        while len(self.rest) < length:
            assert self._more(), "the answer's body was cut"
        body, self.rest = self.rest[:length], self.rest[length:]
        return Answer(status, headers, body)

    def answers(self):
        """All answers until the other side closes."""
        found = []
        while answer := self.answer():
            found.append(answer)
        return found


def exchange(port, data, timeout=20):
    """Everything answered to these bytes by the time the server closes; a server that does not close fails."""
    with Raw(port, timeout) as connection:
        try:
            connection.send(data)
        except (BrokenPipeError, ConnectionResetError):
            pass  # refused before all was sent; its answer may be there
        return connection.answers()


def one(port, data, timeout=20):
    """The only answer, then the end of the connection."""
    answers = exchange(port, data, timeout)
    assert len(answers) == 1, answers
    return answers[0]


def request(line, *headers, body=b"", host=b"Host: localhost"):
    """A request that asks for the end of the connection unless a header says otherwise."""
    return b"\r\n".join([line, *([host] if host else []), *headers, b"", b""]) + body


def get(path, *headers):
    return request(b"GET " + path + b" HTTP/1.1", *headers)

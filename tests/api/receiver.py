"""Somebody else's server: takes forms at any path and answers as a test tells it to."""
import collections
import http.server
import threading
import urllib.parse

KEPT = b'<?xml version="1.0"?><service_request_updates><update_id>17</update_id></service_request_updates>'


class Receiver:
    """`answers` are used one after another, then `usual`: (status, body), or a function of the handler that answers itself."""

    def __init__(self):
        self.got, self.answers, self.usual = [], collections.deque(), (200, KEPT)
        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self.server.daemon_threads = True
        self.origin = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def _handler(receiver):
        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"])).decode()
                receiver.got.append((self.path, dict(urllib.parse.parse_qsl(body, strict_parsing=True))))
                answer = receiver.answers.popleft() if receiver.answers else receiver.usual
                if callable(answer):
                    return answer(self)
                status, content = answer
                self.send_response(status)
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

            def do_GET(self):
                receiver.got.append((self.path, None))
                self.send_error(404)

            def log_message(self, *arguments):
                pass
        return Handler

    def take(self):
        """What has come since the last time."""
        got, self.got = self.got, []
        return got

    def stop(self):
        self.server.shutdown()
        self.server.server_close()

"""A mail server on this machine: takes letters, or says what a test tells it to say."""
import email
import email.policy
import socketserver
import threading


class Mailbox:
    """`answers` maps a verb (MAIL, RCPT, DATA, END of the letter) to replies used one after another instead of the usual; a reply of
    None closes the connection."""

    def __init__(self):
        self.letters, self.answers, self.said = [], {}, []
        self.has_got = threading.Semaphore(0)
        self.server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), self._handler())
        self.server.daemon_threads = True
        self.url = f"smtp://127.0.0.1:{self.server.server_address[1]}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def _handler(mailbox):
        class Handler(socketserver.StreamRequestHandler):
            def say(self, verb, usual):
                waiting = mailbox.answers.get(verb)
                reply = waiting.pop(0) if waiting else usual
                if reply is None:
                    return False
                self.wfile.write(reply.encode() + b"\r\n")
                return True

            def handle(self):
                self.wfile.write(b"220 mailbox.test\r\n")
                recipient = None
                while line := self.rfile.readline():
                    verb, _, rest = line.decode().strip().partition(" ")
                    mailbox.said.append(line.decode().strip())
                    if verb == "RCPT":
                        recipient = rest
                    if not self.say(verb, {"DATA": "354 go on", "QUIT": "221 bye"}.get(verb, "250 ok")) or verb == "QUIT":
                        return
                    if verb == "DATA":
                        letter = b"".join(iter(self.rfile.readline, b".\r\n"))
                        is_taken = not mailbox.answers.get("END") or mailbox.answers["END"][0][:1] == "2"
                        if is_taken:
                            mailbox.letters.append((recipient, letter))
                            mailbox.has_got.release()
                        if not self.say("END", "250 kept"):
                            return
        return Handler

    def take(self):
        """What has come since the last time: (recipient, letter)."""
        got, self.letters = self.letters, []
        return [(recipient, email.message_from_bytes(letter, policy=email.policy.default)) for recipient, letter in got]

    def stop(self):
        self.server.shutdown()
        self.server.server_close()

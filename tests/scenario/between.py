"""What stands between a program and a listener of the server: a line that is
ill, or one that lies."""
import http.server
import os
import secrets
import socketserver
import threading

from harness import connection


class Between:
    """Passes on; altered() may change what comes back."""

    def __init__(self, i, listener):
        self.i, self.listener = i, listener
        self.sock = os.path.join(i.top, "way%d" % secrets.randbelow(10**6))
        way = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def handle_any(self):
                n = int(self.headers.get("Content-Length") or 0)
                way.pass_on(self, self.rfile.read(n) if n else None)

            do_GET = do_POST = do_PUT = handle_any

            def address_string(self):
                return listener

            def log_message(self, *_):
                pass

        class Server(socketserver.ThreadingMixIn,
                     socketserver.UnixStreamServer):
            daemon_threads = True

            def get_request(self):
                s, _ = super().get_request()
                return s, (listener, 0)

        self.server = Server(self.sock, Handler)
        threading.Thread(target=self.server.serve_forever,
                         daemon=True).start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.server.shutdown()
        self.server.server_close()

    def pass_on(self, h, body):
        c = connection(self.i.sock[self.listener])
        c.request(h.command, h.path, body, dict(h.headers))
        r = c.getresponse()
        data = r.read()
        got = dict(r.getheaders())
        c.close()
        status, data = self.altered(h, r.status, data, got)
        h.send_response_only(status)
        for k, v in got.items():
            if k.lower() not in ("content-length", "connection"):
                h.send_header(k, v)
        h.send_header("Content-Length", str(len(data)))
        h.end_headers()
        h.wfile.write(data)

    def altered(self, h, status, data, got):
        """(status, body) to pass on; the fields of ``got`` may be changed."""
        return status, data

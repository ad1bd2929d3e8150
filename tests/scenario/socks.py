"""A SOCKS5 proxy as Tor's, under the test's eyes: it is given a name, and
writes down who asked for what and what went over the wire."""
import re
import socket
import threading

from harness import connection_socket

REQUEST = re.compile(rb"(GET|HEAD|POST) (/[!-~]*) HTTP/1\.[01]\r\n")


class Wire:
    """One connection."""

    def __init__(self, asked):
        self.up = self.down = 0
        self.asked = asked      # (method, path), of all connections
        self._tail = b""

    def sent(self, data):
        """Count, and find the request lines; one may be cut in two."""
        self.up += len(data)
        text = self._tail + data
        end = 0
        for m in REQUEST.finditer(text):
            self.asked.append((m[1].decode(), m[2].decode()))
            end = m.end()
        self._tail = text[max(end, len(text) - 600):]


class Proxy(threading.Thread):
    """SOCKS5 without a password.  Every name leads to the target, or only
    the one name that is given; what else is asked for is refused."""

    def __init__(self, listener, target, only=None):
        super().__init__(daemon=True)
        self.listener, self.target, self.only = listener, target, only
        self.asked = []         # (kind of address, host, port)
        self.wires = []
        self.paths = []         # (method, path), as they came

    def run(self):
        while True:
            try:
                c, _ = self.listener.accept()
            except OSError:
                return
            threading.Thread(target=self.serve, args=(c,),
                             daemon=True).start()

    def serve(self, c):
        f = c.makefile("rb")
        try:
            self._serve(c, f)
        except (OSError, IndexError, ValueError):
            pass
        finally:
            f.close()
            c.close()

    def _serve(self, c, f):
        f.read(f.read(2)[1])                    # version, methods
        c.sendall(b"\x05\x00")
        _, _, _, kind = f.read(4)
        host = f.read(f.read(1)[0]).decode() if kind == 3 else "an address"
        if kind != 3:
            f.read(4 if kind == 1 else 16)
        port = int.from_bytes(f.read(2), "big")
        self.asked.append((kind, host, port))
        if self.only and (host, port) != self.only:
            c.sendall(b"\x05\x02\x00\x01" + bytes(6))
            return
        up = connection_socket(self.target)
        wire = Wire(self.paths)
        self.wires.append(wire)
        c.sendall(b"\x05\x00\x00\x01" + bytes(6))
        t = threading.Thread(target=self.pump, args=(up, c, wire),
                             daemon=True)
        t.start()
        # what stands in f's buffer is part of the request
        while True:
            data = f.read1(65536)
            if not data:
                break
            wire.sent(data)
            up.sendall(data)
        up.close()

    @staticmethod
    def pump(up, c, wire):
        try:
            while True:
                data = up.recv(65536)
                if not data:
                    break
                wire.down += len(data)
                c.sendall(data)
        except OSError:
            pass
        try:
            c.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass

    # -- what it saw --

    def requests(self):
        return list(self.paths)

    def bytes(self):
        """(from the browser, to the browser)"""
        return (sum(w.up for w in self.wires),
                sum(w.down for w in self.wires))

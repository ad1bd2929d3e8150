"""What the scenarios of load stand on: a server behind the line of Tor,
somebody who floods it (tests/tools/flood), a source on a circuit of its own
who is served meanwhile, and the server's memory, threads and descriptors
against what docs/OPERATING.md says of them.

PELUIT_LOAD=N makes every attack N times as long and as large.
"""
import http.client
import json
import os
import subprocess
import sys
import threading
import time

import harness
from source import CircuitSource, Refused

FLOOD = os.path.join(harness.ROOT, "tests", "tools", "flood")
LOAD = int(os.environ.get("PELUIT_LOAD", "1"))
LISTENERS = 3
PATIENCE_SEC = 20               # a good one's wait for a page, at most
MIB = 1 << 20


class Behind(harness.Instance):
    """An instance that expects Tor's line; each source has its circuit."""

    def __init__(self, t, folder, listen=None, **kw):
        super().__init__(t, folder, serve=False)
        self.circuit = 0x70000000
        self.set_conf("listen", proxy_line="yes", **(listen or {}))
        self.limits = dict(connections=2000, uploads=64, memory_mib=128)
        self.limits.update(kw)
        self.set_conf("limits", **self.limits)

    def source(self, lang="id", circuit=None):
        if circuit is None:
            self.circuit += 1
            circuit = self.circuit
        return CircuitSource(self.sock["source"], circuit, lang=lang)


def behind(t, **kw):
    return Behind(t, t.folder(), **kw)


# ---- what is stated, and what is there ----

def stated(limits, flooded=1):
    """OPERATING.md, "What it takes": memory of its own, threads, files, with
    the shares of as many listeners as are flooded."""
    cores = os.cpu_count()
    signins = min(max(cores, 1), 8)
    return {
        "memory": MIB * (64 + 19 * (signins + 1) + 4 * limits["uploads"]) +
        flooded * (2 * MIB * limits["memory_mib"] +
                   limits["connections"] * 80 * 1024),
        "threads": 13 + signins + 4,
        "files": LISTENERS * limits["connections"] + 64,
    }


def used(pid):
    with open("/proc/%d/status" % pid) as f:
        lines = dict(x.split(":", 1) for x in f)
    return {"memory": int(lines["RssAnon"].split()[0]) * 1024,
            "threads": int(lines["Threads"]),
            "files": len(os.listdir("/proc/%d/fd" % pid))}


class Watch:
    """The most that the server used, looked at ten times a second."""

    def __init__(self, i):
        self.i, self.most = i, used(i.server.pid)
        self.stop = threading.Event()
        self.thread = threading.Thread(target=self._look, daemon=True)
        self.thread.start()

    def _look(self):
        while not self.stop.wait(0.1):
            try:
                now = used(self.i.server.pid)
            except (OSError, KeyError, AttributeError):
                return
            for k, v in now.items():
                self.most[k] = max(self.most[k], v)

    def end(self):
        self.stop.set()
        self.thread.join()
        return self.most


# ---- who floods, and who only wants to report ----

class Flood:
    def __init__(self, i, kind, at="source", **kw):
        argv = [sys.executable, FLOOD, kind, "--to", i.sock[at]]
        for k, v in kw.items():
            argv += ["--" + k, str(v)]
        self.p = subprocess.Popen(argv, stdout=subprocess.PIPE,
                                  stdin=subprocess.DEVNULL)

    def end(self):
        out, _ = self.p.communicate(timeout=600)
        if self.p.returncode != 0:
            raise harness.Failed("the flood failed")
        return json.loads(out)


class Patient(CircuitSource):
    """Waits for each page, but not for ever."""

    def _connect(self):
        c = super()._connect()
        c.timeout = PATIENCE_SEC
        return c


class Good:
    """Asks for a page and sends a report, and as an auditor fetches from the
    log, again and again; what fails is tried twice more, as by somebody who
    presses the button again."""

    def __init__(self, i):
        self.i, self.asked, self.got, self.worst = i, 0, 0, 0.0
        self.again = self.fetched = 0
        self.sent = []

    def _who(self, at="source"):
        self.i.circuit += 1
        return Patient(self.i.sock[at], self.i.circuit)

    def _once(self, what):
        began = time.monotonic()
        self.asked += 1
        for turn in range(3):
            self.again += turn > 0
            try:
                if what():
                    self.got += 1
                    break
            except (OSError, http.client.HTTPException, Refused):
                time.sleep(0.2)
        self.worst = max(self.worst, time.monotonic() - began)

    def _fetch(self):
        for path in ("/checkpoint", "/roster/1"):
            page = self._who("log").get(path)
            if page.status != 200 or not page.body:
                return False
        self.fetched += 1
        return True

    def published(self):
        """The first checkpoint of a new log is there a moment after start."""
        harness.wait_for("the first checkpoint", 20, lambda: self._who(
            "log").get("/checkpoint").status == 200)
        return self

    def _report(self):
        s = self._who()
        s.send("Laporan yang benar, nomor %d." % len(self.sent))
        self.sent.append(" ".join(s.receipt))
        return True

    def until(self, over):
        began = time.monotonic()
        while not over():
            self._once(lambda: self._who().get("/").status == 200)
            self._once(self._report)
            self._once(self._fetch)
        self.seconds = time.monotonic() - began
        return self


def attack(t, i, name, *floods, seconds=3):
    """Flood; meanwhile the good source and the good auditor must be answered
    each time, within PATIENCE_SEC and three tries, and what the server takes
    must stay within what is stated."""
    with t.part(name):
        watch = Watch(i)
        running = [Flood(i, k, seconds=seconds * LOAD, **kw)
                   for k, kw in floods]
        time.sleep(0.5)
        good = Good(i).until(lambda: all(f.p.poll() is not None
                                         for f in running))
        said = [f.end() for f in running]
        most, most_may = watch.end(), stated(
            i.limits, len({kw.get("at") for _, kw in floods}))
        print("  %-34s good %d of %d, %d tried again (%.1f a second, slowest "
              "%.1f s); %d MiB, %d threads, %d files; flood %s" %
              (name, good.got, good.asked, good.again,
               good.got / good.seconds, good.worst, most["memory"] // MIB, most["threads"], most["files"],
               " ".join("%s:%d" % kv for s in said for kv in s.items())),
              flush=True)
        t.check(name + ": a good source was served, and an auditor",
                good.sent and good.fetched, (len(good.sent), good.fetched))
        t.equal(name + ": each time", good.got, good.asked)
        for k, v in most_may.items():
            t.check("%s: %s within what is stated" % (name, k), most[k] <= v,
                    "%d of %d" % (most[k], v))
        for code in good.sent[-1:]:
            t.equal(name + ": the report is there",
                    i.source().login(code).page, "inbox")
        return said
    return []

"""What every scenario stands on: instances in folders of their own, the real
programs, a clock that the test turns, and checks that are counted.

    def main(t):
        with t.instance() as i:
            with t.part("a report"):
                page = i.source().send("...")
                t.check("a receipt of nine words", len(page.receipt) == 9)

    harness.run(main)

PELUIT_BUILD names the folder of the programs, PELUIT_WRAP a command to run the
server under, PELUIT_KIND the name under which the tally counts.
"""
import base64
import contextlib
import json
import mmap
import os
import pty
import select
import shlex
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
import traceback

sys.dont_write_bytecode = True
HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
sys.path.insert(0, os.path.join(ROOT, "tests", "tools"))
import tally                                            # noqa: E402
from source import Part, Refused, Source, connection    # noqa: E402,F401

BUILD = os.path.join(ROOT, os.environ.get("PELUIT_BUILD", "build"))
FAULT = os.path.join(ROOT, "build", "fault")
WRAP = os.environ.get("PELUIT_WRAP", "")
SLOW = 8 if WRAP else 1         # valgrind takes its time
INSPECTORATE, OUTSIDE = "petugas-1", "petugas-2"


class Failed(Exception):
    pass


class Test:
    def __init__(self, name):
        self.name = name
        self.passed = self.failed = 0
        # Short: the path of a unix socket has at most 107 bytes.
        self.dir = tempfile.mkdtemp(prefix="plt")
        self.count = 0

    def check(self, what, good, detail=""):
        """One named thing that must be so; the scenario goes on either way."""
        if good:
            self.passed += 1
        else:
            self.failed += 1
            text = str(detail)
            print("FAILED %s: %s%s" % (self.name, what,
                                       ": " + text[:1500] if text else ""),
                  flush=True)
        return bool(good)

    def equal(self, what, got, want):
        return self.check(what, got == want, "got %r, not %r" % (got, want))

    def need(self, what, good, detail=""):
        """As check, but the part makes no sense without it."""
        if not self.check(what, good, detail):
            raise Failed(what)

    @contextlib.contextmanager
    def part(self, what):
        """Checks that belong together: an error ends the part, not the run.

        What stops a part without having failed a check is a failure too: a
        wait in vain, a server that does not start."""
        before = self.failed
        try:
            yield
        except Failed as e:
            if self.failed == before:
                self.check(what, False, e)
        except Exception:
            self.check(what, False, traceback.format_exc())

    def folder(self):
        self.count += 1
        path = os.path.join(self.dir, "%d" % self.count)
        os.mkdir(path)
        return path

    def instance(self, **kw):
        return Instance(self, self.folder(), **kw)


def run(main, name=None):
    """The end of each scenario file."""
    name = name or os.path.splitext(os.path.basename(sys.argv[0]))[0]
    t = Test(name)
    began = time.monotonic()
    old_tmp = os.environ.get("TMPDIR")
    # All that a program may want to put aside comes to where we look.
    os.environ["TMPDIR"] = tempfile.tempdir = os.path.join(t.dir, "tmp")
    os.mkdir(tempfile.tempdir)
    try:
        main(t)
    except Exception:
        t.check("it runs to its end", False, traceback.format_exc())
    finally:
        if old_tmp is None:
            del os.environ["TMPDIR"]
        else:
            os.environ["TMPDIR"] = old_tmp
        tempfile.tempdir = None
        if os.environ.get("PELUIT_KEEP"):
            print("kept: " + t.dir)
        else:
            shutil.rmtree(t.dir, ignore_errors=True)
    kind = os.environ.get("PELUIT_KIND", "scenario")
    tally.add("%s:%s" % (kind, name), t.passed, t.failed)
    print("%s %s: %d passed, %d failed (%.0f s)" %
          (kind, name, t.passed, t.failed, time.monotonic() - began),
          flush=True)
    sys.exit(1 if t.failed or not t.passed else 0)


def wait_for(what, seconds, ready):
    """The first true answer of ready(), or Failed after some seconds."""
    end = time.monotonic() + seconds * SLOW
    while True:
        got = ready()
        if got:
            return got
        if time.monotonic() > end:
            raise Failed("waited %d s for %s" % (seconds, what))
        time.sleep(0.05)


class Instance:
    """One instance: made, served, and looked at."""

    def __init__(self, test, folder, demo=True, serve=True, limits=None,
                 build=None, wrap=None, tcp=False, env=None):
        self.test, self.top = test, folder
        self.build = build or BUILD
        self.wrap = WRAP if wrap is None else wrap
        self.env = dict(os.environ, **(env or {}))
        self.dir = os.path.join(folder, "i")
        self.clock_file = os.path.join(folder, "clock")
        self.now = int(time.time()) // 60 * 60 + 60
        self.sock = {n: ("tcp:127.0.0.1:0" if tcp else
                         "unix:" + os.path.join(folder, n))
                     for n in ("source", "desk", "log")}
        self.use_clock = True
        self.server = None
        self.errors = []        # what the server said on stderr
        self.expected = []      # lines that a test asked for
        self.log_files = []
        self.set_clock(self.now)
        if demo:
            self.init("--demo")
            if limits:
                self.set_conf("limits", **limits)
            if serve:
                self.start()

    def __enter__(self):
        return self

    def __exit__(self, kind, *_):
        if self.server:
            self.stop()
        if kind is None:
            self.quiet()

    # -- commands --

    def program(self, name):
        return os.path.join(self.build, name)

    def peluitd(self, *args, **kw):
        return command([self.program("peluitd"), *args], env=self.env, **kw)

    def init(self, *args):
        p = self.peluitd("init", self.dir, *args,
                         "--source", self.sock["source"],
                         "--desk", self.sock["desk"],
                         "--log", self.sock["log"])
        if p.returncode != 0:
            raise Failed("peluitd init: %s%s" % (p.stdout, p.stderr))
        return p

    def desk(self, label):
        """argv of an officer's peluit, up to the command."""
        people = os.path.join(self.dir, "people")
        return [self.program("peluit"), "--home", os.path.join(people, label),
                "--passphrase-file", os.path.join(people, "passphrase"),
                "--clock", self.clock_file]

    def peluit(self, label, *args, json_out=True, **kw):
        """A desk's command; its answer is .json if it was asked for."""
        argv = self.desk(label)
        if json_out:
            argv.append("--json")
        p = command(argv + list(args), env=self.env, **kw)
        p.json = None
        if json_out:
            try:
                p.json = json.loads(p.stdout)
            except ValueError:
                pass
        return p

    def status(self):
        p = self.peluitd("status", self.dir, "--json")
        if p.returncode != 0:
            raise Failed("peluitd status: %s%s" % (p.stdout, p.stderr))
        return json.loads(p.stdout)

    def set_conf(self, section, **values):
        """Set keys of a section in peluit.conf (libconfuse's syntax)."""
        path = os.path.join(self.dir, "peluit.conf")
        with open(path) as f:
            lines = f.read().split("\n")
        out, inside, left = [], False, dict(values)
        for line in lines:
            word = line.split("#")[0].strip()
            if not inside and word.split("{")[0].strip() == section:
                inside = True
            elif inside and word.startswith("}"):
                out += ["\t%s = %s" % kv for kv in left.items()]
                left, inside = {}, False
            elif inside and word.split("=")[0].strip() in left:
                key = word.split("=")[0].strip()
                line = "\t%s = %s" % (key, left.pop(key))
            out.append(line)
        if left:
            raise Failed("no section %s in peluit.conf" % section)
        with open(path, "w") as f:
            f.write("\n".join(out))

    # -- the clock --

    def set_clock(self, now):
        self.now = now
        with open(self.clock_file + ".new", "w") as f:
            f.write("%d\n" % now)
        os.rename(self.clock_file + ".new", self.clock_file)
        if self.server:
            time.sleep(0.15)    # it is read every 100 ms

    def advance(self, seconds=61):
        self.set_clock(self.now + seconds)

    def close_epoch(self, epochs=1, seconds=60):
        """Turn the clock past the end of the epoch and wait until all that
        is over has been closed."""
        # A second into it: steps of 61 s would once step over a whole epoch.
        self.set_clock((self.now // seconds + epochs) * seconds + 1)

        def closed():
            s = self.status()
            return s["closed"] >= self.now // seconds - 1 and s
        s = wait_for("the epoch's close", 30, closed)
        self.wait_served(s["published_size"], seconds)
        return s

    def wait_served(self, size, seconds):
        """What the store has closed is served 1/360 of an epoch later; a log
        that was tampered with may never be."""
        end = time.monotonic() + (5 if seconds <= 360 else 0)
        while time.monotonic() < end:
            try:
                status, note = self.get_log("/checkpoint")
            except ConnectionError:     # it wants Tor's line before a request
                time.sleep(0.3)
                return
            if status == 200 and int(note.split(b"\n")[1]) >= size:
                return
            time.sleep(0.02)

    # -- the server --

    def start(self, ready_sec=30, args=()):
        r, w = os.pipe()
        argv = [self.program("peluitd"), "serve", self.dir,
                "--ready", str(w), *args]
        if self.use_clock:      # only a demo may turn its clock
            argv += ["--clock", self.clock_file]
        if self.wrap:
            log = os.path.join(self.top, "wrap.%d" % len(self.log_files))
            self.log_files.append(log)
            argv = shlex.split(self.wrap.replace("%LOG%", log + ".%p")) + argv
        os.set_inheritable(w, True)
        self.server = subprocess.Popen(
            argv, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.PIPE, pass_fds=(w,), env=self.env)
        os.close(w)
        self.reader = threading.Thread(target=self._read_errors,
                                       args=(self.server,), daemon=True)
        self.reader.start()
        line = b""
        end = time.monotonic() + ready_sec * SLOW
        while not line.endswith(b"\n") and time.monotonic() < end:
            if select.select([r], [], [], 0.2)[0]:
                got = os.read(r, 4096)
                if not got:
                    break
                line += got
        os.close(r)
        try:
            self.ready = json.loads(line)
        except ValueError:
            self.stop(wait=5)
            raise Failed("the server was not ready: " +
                         "\n".join(self.errors))
        for n in self.sock:
            self.sock[n] = self.ready[n]
        return self.ready

    def _read_errors(self, server):
        outs = {server.stderr: b"", server.stdout: b""}
        while outs:
            for f in select.select(list(outs), [], [])[0]:
                got = os.read(f.fileno(), 65536)
                if not got:
                    if outs[f]:
                        self.errors.append(outs[f].decode("utf-8", "replace"))
                    del outs[f]
                    continue
                *lines, outs[f] = (outs[f] + got).split(b"\n")
                self.errors += [x.decode("utf-8", "replace") for x in lines]

    def stop(self, wait=20, how=signal.SIGTERM):
        p, self.server = self.server, None
        if p is None:
            return None
        if p.poll() is None:
            p.send_signal(how)
        try:
            rc = p.wait(wait * SLOW)
        except subprocess.TimeoutExpired:
            p.kill()
            p.wait()
            rc = None
        self.reader.join(5)
        p.stdout.close()
        p.stderr.close()
        if how == signal.SIGTERM:
            self.test.check("the server stops by itself with status 0",
                            rc == 0, "status %r; %s" % (rc, self.errors[-5:]))
        return rc

    def expect(self, *words):
        """A line on stderr with this word is what the test asked for."""
        self.expected += words

    def quiet(self):
        """Nothing was written because of a request; nothing a tool found."""
        said = [e for e in self.errors
                if not any(w in e for w in self.expected)]
        self.test.check("nothing on the server's stderr", not said,
                        "\n".join(said[:40]))
        for log in self.log_files:
            base = os.path.basename(log)
            for n in os.listdir(self.top):
                if n.startswith(base + "."):
                    with open(os.path.join(self.top, n)) as f:
                        # What valgrind says of itself begins with "--": a
                        # call that it does not know, mlock2, say.
                        text = "".join(x for x in f
                                       if not x.startswith("--")).strip()
                    self.test.check("the tool found nothing", not text, text)

    # -- who uses it --

    def source(self, lang="id"):
        return Source(self.sock["source"], lang=lang)

    def raw(self, data, listener="source", timeout=15, half=False):
        """Send bytes as they are; all that comes back until the end."""
        s = connection_socket(self.sock[listener])
        s.settimeout(timeout)
        out = b""
        try:
            try:
                s.sendall(data)
                if half:
                    import socket
                    s.shutdown(socket.SHUT_WR)
            except (BrokenPipeError, ConnectionResetError):
                pass
            while True:
                got = s.recv(65536)
                if not got:
                    break
                out += got
        except (OSError, TimeoutError):
            pass
        finally:
            s.close()
        return out

    def get_log(self, path):
        c = connection(self.sock["log"])
        c.request("GET", path)
        r = c.getresponse()
        data = r.read()
        c.close()
        return r.status, data

    def still_well(self, code, name=""):
        """Nothing is lost: an earlier report opens, and check is content."""
        what = " after " + name if name else ""
        s = self.source()
        page = s.login(code)
        self.test.check("the earlier report still opens" + what,
                        page.page == "inbox", (page.status, page.page,
                                               page.error))
        p = self.peluitd("check", self.dir)
        self.test.check("peluitd check is content" + what,
                        p.returncode == 0, p.stdout + p.stderr)


def connection_socket(addr):
    c = connection(addr)
    c.connect()
    return c.sock


def command(argv, input=None, timeout=300, env=None, binary=False, cwd=None):
    p = subprocess.run(
        argv, input=input, env=env, cwd=cwd, timeout=timeout,
        stdin=subprocess.DEVNULL if input is None else None,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    if not binary:
        p.stdout = p.stdout.decode("utf-8", "replace")
    p.stderr = p.stderr.decode("utf-8", "replace")
    return p


def flip(path, at):
    """Alters the byte at an offset; a negative one counts from the end."""
    with open(path, "r+b") as f:
        f.seek(at, os.SEEK_SET if at >= 0 else os.SEEK_END)
        was = f.read(1)[0]
        f.seek(-1, os.SEEK_CUR)
        f.write(bytes([was ^ 1]))


def age_with_passphrase(path, passphrase):
    """What stock age makes of a file locked by a passphrase, which it takes
    from a terminal only."""
    out = path + ".opened"
    pid, fd = pty.fork()
    if pid == 0:
        os.execvp("age", ["age", "-d", "-o", out, path])
    said = b""
    typed = False
    while True:
        try:
            got = os.read(fd, 4096)
        except OSError:
            break
        if not got:
            break
        said += got
        if not typed and b":" in said:
            os.write(fd, passphrase.encode() + b"\n")
            typed = True
    _, rc = os.waitpid(pid, 0)
    os.close(fd)
    if rc != 0:
        raise Failed("age -d: " + said.decode("utf-8", "replace"))
    with open(out, "rb") as f:
        data = f.read()
    os.unlink(out)
    return data


# ---- looking for what must not be there ----

def spellings(marker):
    """A marker as UTF-8, UTF-16, base64 (at each of three offsets) and hex."""
    data = marker.encode() if isinstance(marker, str) else marker
    out = {"as it is": data, "hex": data.hex().encode(),
           "HEX": data.hex().upper().encode()}
    try:
        text = data.decode()
        out["UTF-16LE"] = text.encode("utf-16-le")
        out["UTF-16BE"] = text.encode("utf-16-be")
    except UnicodeDecodeError:
        pass
    for skip in range(3):
        b = base64.b64encode(b"\0" * skip + data)
        head = {0: 0, 1: 2, 2: 3}[skip]
        b = b[head:len(b) // 4 * 4 - 4]
        out["base64+%d" % skip] = b
        url = b.translate(bytes.maketrans(b"+/", b"-_"))
        if url != b:
            out["base64url+%d" % skip] = url
    return out


def search_file(path, needles):
    """Names of the needles {name: bytes} that a file holds."""
    if os.path.getsize(path) == 0:
        return []
    with open(path, "rb") as f, \
            mmap.mmap(f.fileno(), 0, access=mmap.ACCESS_READ) as m:
        return [n for n, b in needles.items() if m.find(b) >= 0]


def search(folders, markers, texts=()):
    """Every place below some folders, or in texts, where a marker stands in
    any spelling, file names included."""
    needles = {}
    for m in markers:
        for how, b in spellings(m).items():
            needles["%r %s" % (m, how)] = b
    hits = []
    for name, text in texts:
        data = text.encode() if isinstance(text, str) else text
        hits += [(name, n) for n, b in needles.items() if b in data]
    for top in folders:
        for d, dirs, files in os.walk(top):
            for f in files + dirs:
                path = os.path.join(d, f)
                hits += [(path, n) for n, b in needles.items()
                         if b in os.fsencode(f)]
                if os.path.isfile(path) and not os.path.islink(path):
                    hits += [(path, n) for n in search_file(path, needles)]
    return hits


def search_checked(t, what, folders, markers, texts=()):
    """The search, after it has found one planted in each spelling."""
    planted = t.folder()
    want = 0
    for i, (how, b) in enumerate(spellings(markers[0]).items()):
        with open(os.path.join(planted, "p%d" % i), "wb") as f:
            f.write(os.urandom(5000) + b + os.urandom(3000))
        want += 1
    found = search([planted], markers[:1])
    t.check(what + ": the search finds what is planted",
            len({p for p, _ in found}) == want, found)
    shutil.rmtree(planted)
    hits = search(folders, markers, texts)
    t.check(what, not hits, hits[:10])

"""What the scenarios of the log share: its files, its openings, and another
hand's checks (tests/tools/gocheck, made from Debian's golang.org/x/mod)."""
import base64
import contextlib
import fcntl
import functools
import glob
import hashlib
import html
import json
import os
import re
import subprocess

import harness
from harness import Failed, command

LEAVES, SLOT = 256, 1024
GO_SOURCE = os.path.join(harness.ROOT, "tests", "tools", "gocheck")


@contextlib.contextmanager
def part(t, what):
    """As t.part, but what stops a part without having failed a check is a
    failure too: a wait in vain, a server that does not start."""
    before = t.failed
    with t.part(what):
        try:
            yield
        except Failed as e:
            if t.failed == before:
                t.check(what, False, e)
            raise


# ---- programs ----

def gocheck(*args):
    """(ok, answer) of the checker in Go, built when it is first asked."""
    program = os.path.join(harness.ROOT, "build", "tests", "gocheck")
    source = os.path.join(GO_SOURCE, "main.go")
    if not os.path.exists(program) or \
            os.path.getmtime(program) < os.path.getmtime(source):
        env = dict(os.environ, GO111MODULE="off",
                   GOPATH="/usr/share/gocode", GOFLAGS="",
                   GOCACHE=os.path.join(harness.ROOT, "build", "gocache"))
        fresh = program + ".%d" % os.getpid()
        p = command(["go", "build", "-o", fresh, "."], env=env, cwd=GO_SOURCE)
        if p.returncode != 0:
            raise Failed("go build: " + p.stderr)
        os.replace(fresh, program)
    p = command([program, *args])
    try:
        return p.returncode == 0, json.loads(p.stdout)
    except ValueError:
        raise Failed("gocheck: %s%s" % (p.stdout, p.stderr))


@functools.lru_cache
def fault_build():
    """The folder of the programs with fault points, up to date."""
    env = {k: v for k, v in os.environ.items()
           if k not in ("MAKEFLAGS", "MFLAGS", "MAKELEVEL")}
    with open(os.path.join(harness.ROOT, "Makefile")) as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)    # two scenarios may want it
        p = subprocess.run(["make", "-s", "--no-print-directory", "fault"],
                           cwd=harness.ROOT, env=env,
                           stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                           stderr=subprocess.STDOUT)
    if p.returncode != 0:
        raise Failed("make fault: " + p.stdout.decode()[-500:])
    return harness.FAULT


def tamper(i, *args, input=None):
    """peluit-tamper on a stopped instance; its answer."""
    flags = [a for a in args if a.startswith("--")]
    args = [a for a in args if not a.startswith("--")]
    p = command([os.path.join(fault_build(), "peluit-tamper"), *flags, i.dir,
                 *args], input=input)
    if p.returncode != 0:
        raise Failed("tamper %s: %s%s" % (args, p.stdout, p.stderr))
    return json.loads(p.stdout) if p.stdout.startswith("{") else p.stdout


# ---- the log as it is served ----

def vkey(i, name="log"):
    with open(os.path.join(i.dir, "public", name + ".vkey")) as f:
        return f.read().strip()


def get(i, path):
    """The bytes of a file of the log."""
    status, data = i.get_log(path)
    if status != 200:
        raise Failed("%s: %d" % (path, status))
    return data


def number_path(n):
    text = "%03d" % (n % 1000)
    while n >= 1000:
        n //= 1000
        text = "x%03d/%s" % (n % 1000, text)
    return text


def size_of(note):
    return int(note.split(b"\n")[1])


def root_of(note):
    return base64.b64decode(note.split(b"\n")[2])


def checkpoint(i):
    """(size, note) of the newest; size 0 if there is none yet."""
    status, note = i.get_log("/checkpoint")
    return (size_of(note), note) if status == 200 else (0, b"")


def tile_paths(size):
    """Every tile that a tree of this size has: {path: bytes}."""
    out, level = {}, 0
    while size > 0:
        for n in range(size // LEAVES):
            out["/tile/%d/%s" % (level, number_path(n))] = 32 * LEAVES
            if level == 0:
                out["/tile/entries/" + number_path(n)] = 34 * LEAVES
        if size % LEAVES:
            out["/tile/%d/%s.p/%d" % (level, number_path(size // LEAVES),
                                      size % LEAVES)] = size % LEAVES * 32
        size, level = size // LEAVES, level + 1
    return out


def node(left, right):
    return hashlib.sha256(b"\1" + left + right).digest()


def leaf_hash(entry):
    return hashlib.sha256(b"\0" + entry).digest()


def tree(hashes):
    if len(hashes) == 1:
        return hashes[0]
    k = 1
    while k * 2 < len(hashes):
        k *= 2
    return node(tree(hashes[:k]), tree(hashes[k:]))


def commitment(nonce, event):
    return hashlib.sha256(b"peluit-commit/v1\0" + nonce + event).digest()


def entries(i, epoch):
    """The commitments of an epoch, numbered from 0."""
    data = get(i, "/tile/entries/" + number_path(epoch))
    return [data[k + 2:k + 34] for k in range(0, len(data), 34)]


# ---- disclosures ----

def archive_key(i):
    return os.path.join(i.dir, "people", "archive.key")


def age_open(data, identity):
    p = subprocess.run(["age", "-d", "-i", identity], input=data,
                       stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    if p.returncode != 0:
        raise Failed("age -d: " + p.stderr.decode())
    return p.stdout


def slots(plain):
    """[(nonce, event)] of an opened disclosure."""
    if len(plain) != LEAVES * SLOT:
        raise Failed("a disclosure of %d bytes" % len(plain))
    out = []
    for k in range(0, len(plain), SLOT):
        n = int.from_bytes(plain[k + 32:k + 34], "big")
        if any(plain[k + 34 + n:k + SLOT]):
            raise Failed("a slot that is not filled with zeros")
        out.append((plain[k:k + 32], plain[k + 34:k + 34 + n]))
    return out


def disclosed(i, epoch, identity=None):
    """What an epoch's leaves hide: [(nonce, event)]; by its true number."""
    return slots(age_open(get(i, "/disclosure/%d" % epoch),
                          identity or archive_key(i)))


def fields(event):
    out = {}
    for line in event.decode().split("\n"):
        k, _, v = line.partition(" ")
        if k:
            out[k] = v
    return out


def events(opened):
    """Those of an opened disclosure that are no decoys."""
    return [e for e in (fields(text) for _, text in opened)
            if e["kind"] != "decoy"]


def first_epoch(i):
    """The true number of the log's first epoch, as roster 1 says."""
    with open(os.path.join(i.dir, "public", "roster", "1")) as f:
        m = re.search(r"^epoch \d+ (\d+)$", f.read(), re.M)
    if not m:
        raise Failed("roster 1 names no first epoch")
    return int(m.group(1))


# ---- what a source holds ----

def evidence(page):
    """The promise or proof in a page, as somebody would copy it."""
    m = re.search(r"<pre[^>]*>\n?(.*?)</pre>", page.html, re.S)
    return html.unescape(m.group(1)) if m else None


def keep(t, text):
    """A file of ours with that text."""
    path = os.path.join(t.folder(), "kept")
    with open(path, "wb") as f:
        f.write(text.encode() if isinstance(text, str) else text)
    return path


def mirror(t, i):
    out = os.path.join(t.folder(), "m")
    p = i.peluitd("mirror", i.dir, out)
    if p.returncode != 0:
        raise Failed("mirror: " + p.stdout + p.stderr)
    return out


def files_of(top):
    return sorted(os.path.relpath(f, top)
                  for f in glob.glob(top + "/**", recursive=True)
                  if os.path.isfile(f))


def sound(t, i, what, *old):
    """The whole log, checked by the other hand; checkpoints kept before must
    be of the same history."""
    base = i.sock["log"].replace("tcp:", "http://")
    ok, said = gocheck("log", vkey(i), base, *old)
    t.check(what + ": the log is sound for another program", ok, said)
    return said

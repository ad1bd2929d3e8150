"""What the running server and its signer may still do: the kernel's own word
for it; what a process that was taken over would try, which kills it or is
refused; whose rights it has; memory that may not be locked."""
import collections
import contextlib
import hashlib
import http.client
import os
import resource
import shutil
import signal
import subprocess
import time

import forensics
import harness
from harness import FAULT
from source import Refused

NOBODY = 65534
LOCK_MEMORY = 1 << 14           # CAP_IPC_LOCK
KILLED = ("exec", "fork", "thread", "socket", "ptrace", "peek", "signal",
          "code", "code-later", "setuid", "munlockall")


def status(pid):
    with open("/proc/%d/status" % pid) as f:
        return dict(line.rstrip("\n").split(":\t", 1) for line in f
                    if ":\t" in line)


def children(pid):
    with open("/proc/%d/task/%d/children" % (pid, pid)) as f:
        return [int(p) for p in f.read().split()]


def kernels_word(t):
    with t.part("the kernel's word"), t.instance() as i:
        signer, opener, *more = children(i.server.pid)
        t.equal("a signer, an opener, no child more", more, [])
        for what, pid in (("server", i.server.pid), ("signer", signer),
                          ("opener", opener)):
            got = status(pid)
            t.equal(what + ": no new privileges", got["NoNewPrivs"], "1")
            t.equal(what + ": a filter of system calls", got["Seccomp"], "2")
            threads = os.listdir("/proc/%d/task" % pid)
            t.equal(what + ": in each thread", {status(int(n))["Seccomp"]
                                                for n in threads}, {"2"})
            with open("/proc/%d/limits" % pid) as f:
                core = [x for x in f if x.startswith("Max core file size")]
            t.equal(what + ": no core", core[0].split()[4:6], ["0", "0"])
            t.check(what + ": no right of root's but to lock memory",
                    int(got["CapEff"], 16) | int(got["CapPrm"], 16) in
                    (0, LOCK_MEMORY), got["CapEff"])
            if what != "opener":        # it holds nothing
                locked(t, what, pid)
        code = " ".join(i.source().send("Laporan.").receipt)
        i.still_well(code)


def locked(t, what, pid):
    """Each mapping that is written to, by the kernel's flags for it."""
    loose, some, size = [], 0, 0
    with open("/proc/%d/smaps" % pid) as f:
        for line in f:
            word = line.split()
            if "-" in word[0] and len(word) > 4:
                name = line.strip()
            elif word[0] == "VmFlags:" and "wr" in word[1:]:
                some += 1
                # the store's lists of page numbers and of its readers
                if "lo" not in word[1:] and "lock.mdb" not in name:
                    loose.append(name)
                    lo, hi = name.split()[0].split("-")
                    size += int(hi, 16) - int(lo, 16)
    t.check(what + ": all that it writes to is locked in memory, but lists "
            "of page numbers", some > 5 and len(loose) < 2 and
            size < 4 << 20, loose)


# Which secrets are in whose memory: DESIGN.md "Rooms".
HOLDS = {"server": {"at-rest", "receipt"},
         "signer": {"answers", "log", "promise"}, "opener": set()}


def files(pid):
    folder = "/proc/%d/fd" % pid
    return [os.readlink(os.path.join(folder, n)) for n in os.listdir(folder)]


def only_its_own(t):
    """Each process has its own keys and no other's, and no way to more."""
    with t.part("its own keys"), t.instance() as i:
        i.source().send("Laporan.")
        i.close_epoch()
        signer, opener = children(i.server.pid)
        names = sorted(n[:-len(".key")] for n in os.listdir(
            os.path.join(i.dir, "secrets")) if n.endswith(".key"))
        t.equal("the secrets are those that are known", set(names),
                set.union(*HOLDS.values()))
        for what, pid in (("server", i.server.pid), ("signer", signer),
                          ("opener", opener)):
            image = forensics.Image(pid)
            keys = {n: forensics.secret(i, n) for n in names}
            for n in names:         # as it stands in the file, and expanded
                found = image.find({"seed": keys[n], "scalar": hashlib.sha512(
                    keys[n]).digest()[:32]}, ())
                t.equal("%s: the key %s is there" % (what, n), bool(found),
                        n in HOLDS[what])
            got = collections.Counter(f.split(":")[0] for f in files(pid))
            if what == "server":
                t.check("the server has its store", any(
                    f.endswith("data.mdb") for f in files(pid)), got)
                continue
            t.check(what + ": one socket, its output, nothing of the disk",
                    got.pop("socket") == 1 and
                    set(got) <= {"pipe", "/dev/null"}, files(pid))


@contextlib.contextmanager
def no_core(t):
    """Who is killed in here leaves no image of itself, where another does."""
    with open("/proc/sys/kernel/core_pattern") as f:
        pattern = f.read().strip()
    here, was = os.getcwd(), resource.getrlimit(resource.RLIMIT_CORE)
    if pattern.startswith(("|", "/")) or \
            was[1] != resource.RLIM_INFINITY:
        print("confined: a core is not seen here (%s, limit %d)" %
              (pattern, was[1]))
        yield
        return
    folder = t.folder()
    os.chdir(folder)
    resource.setrlimit(resource.RLIMIT_CORE, (was[1], was[1]))
    try:
        p = subprocess.Popen(["sleep", "60"])
        p.send_signal(signal.SIGSYS)
        p.wait()
        t.equal("another's core is found", len(os.listdir(folder)), 1)
        for n in os.listdir(folder):
            os.unlink(n)
        yield
        t.equal("no core of server or signer", os.listdir(folder), [])
    finally:
        resource.setrlimit(resource.RLIMIT_CORE, was)
        os.chdir(here)


def take_over(t, point, fault):
    """A server, or its signer, that tries it when a report comes."""
    i = t.instance(build=FAULT, serve=False)
    i.env["PELUIT_FAULT"] = point + "=" + fault.replace("DIR", i.dir)
    # it may read what stands beside a demo's clock
    i.clock_file = os.path.join(t.folder(), "clock")
    i.set_clock(i.now)
    i.start()
    signer = children(i.server.pid)[0]
    try:
        page = i.source().send("Laporan.")
    except (OSError, http.client.HTTPException, Refused) as e:
        page = e
    return i, signer, page


def attacks(t):
    with t.part("a server that was taken over"):
        for fault in KILLED:
            i, _, _ = take_over(t, "intake.2", fault)
            i.server.wait(20)
            t.equal("killed for " + fault, i.server.returncode,
                    -signal.SIGSYS)
            i.server = None
    with t.part("a signer that was taken over"):
        for fault in KILLED:
            i, signer, _ = take_over(t, "signer.promise", fault)
            i.expect("the signer is gone")
            t.equal("a signer killed for %s stops the server" % fault,
                    i.server.wait(20), 3)
            t.check("the signer is gone", not os.path.exists(
                "/proc/%d" % signer))
            i.server = None
    with t.part("files that are not its own"):
        tmp = t.folder()
        for who, point, faults in (
                ("server", "intake.2", (
                    "read:/etc/passwd", "read:/proc/self/maps",
                    "make:/etc/peluit-x", "make:%s/x" % tmp,
                    "make:DIR/x", "make:DIR/secrets/x", "read:DIR/peluit.conf",
                    "read:DIR/secrets/log.key", "read:DIR/secrets/at-rest.key",
                    "read:DIR/secrets/promise.key", "read:DIR/signer/state",
                    "make:DIR/signer/x")),
                ("signer", "signer.promise", (
                    "read:/etc/passwd", "read:DIR/secrets/at-rest.key",
                    "read:DIR/store/data.mdb", "read:DIR/peluit.conf",
                    "make:DIR/x", "make:DIR/store/x", "make:%s/x" % tmp))):
            for fault in faults:
                i, _, page = take_over(t, point, fault)
                t.check("%s: %s is refused, and it works on" % (who, fault),
                        getattr(page, "receipt", None) is not None and
                        len(page.receipt) == 9, page)
                i.stop()
                i.quiet()
        t.equal("nothing was made", os.listdir(tmp), [])
    with t.part("the attempts are real"):
        i, _, page = take_over(t, "intake.2",
                               "read:DIR/store/data.mdb")
        t.equal("what it may read ends it by its own abort",
                i.server.wait(20), -signal.SIGABRT)
        i.server = None


def config(t):
    """An editor replaces peluit.conf, which the server cannot open itself."""
    with t.part("the config is read again"), t.instance() as i:
        path = os.path.join(i.dir, "peluit.conf")

        def hang_up(text, title):
            with open(path + ".new", "w") as f:
                f.write(text)
            os.rename(path + ".new", path)
            i.server.send_signal(signal.SIGHUP)
            harness.wait_for("the title " + title, 10, lambda: title in
                             i.source().get("/").html)
        with open(path) as f:
            was = f.read()
        t.check("its title is known", 'title_id = "' in was, was)
        head, _, tail = was.partition('title_id = "')
        old = tail.partition('"')[0]
        hang_up(head + 'title_id = "Judul Baru"' + tail.partition('"')[2],
                "Judul Baru")
        hang_up(was, old)
        t.check("both times", True)
        os.unlink(path)
        i.expect("the old config stays")
        i.server.send_signal(signal.SIGHUP)
        harness.wait_for("a word about it", 10, lambda: any(
            "cannot be opened" in e for e in i.errors))
        os.mkfifo(path)
        i.server.send_signal(signal.SIGHUP)
        harness.wait_for("a word about a pipe", 10, lambda: any(
            "cannot be read" in e or "line" in e or "missing" in e
            for e in i.errors))
        os.unlink(path)
        with open(path, "w") as f:
            f.write(was)
        os.kill(children(i.server.pid)[1], signal.SIGKILL)
        i.server.send_signal(signal.SIGHUP)
        t.equal("without it the server works on", i.source().get("/").status,
                200)
        time.sleep(0.5)
        t.equal("and answers still", i.source().get("/").status, 200)


# ---- whose rights, and memory ----

def given_to(path, uid):
    for d, dirs, files in os.walk(path):
        for n in [d] + [os.path.join(d, f) for f in files]:
            os.chown(n, uid, uid)


def open_to_all(t, i):
    """The program and the way to the instance, for another user."""
    os.chmod(t.dir, 0o711)
    os.chmod(i.top, 0o755)
    home = os.path.join(i.top, "bin")
    os.mkdir(home)
    shutil.copy(i.program("peluitd"), home)
    os.chmod(home, 0o755)
    i.build = home


def as_nobody(limit):
    def pre():
        resource.setrlimit(resource.RLIMIT_MEMLOCK, (limit, limit))
        if os.geteuid() == 0:
            os.setgroups([])
            os.setgid(NOBODY)
            os.setuid(NOBODY)
    return pre


def started(i, limit):
    """serve with this limit of locked memory: (status, stderr)."""
    p = subprocess.Popen([i.program("peluitd"), "serve", i.dir],
                         stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                         stderr=subprocess.PIPE, preexec_fn=as_nobody(limit))
    try:
        return p.wait(20), p.stderr.read().decode()
    except subprocess.TimeoutExpired:
        p.kill()
        p.wait()
        return None, ""
    finally:
        p.stderr.close()


def rights(t):
    if os.geteuid() != 0:
        print("confined: not root: what root gives up is not tested")
        return
    with t.part("started by root, in another user's folder"):
        i = t.instance(serve=False)
        open_to_all(t, i)
        given_to(i.top, NOBODY)
        i.start()
        for pid in [i.server.pid, children(i.server.pid)[0]]:
            got = status(pid)
            t.equal("it is that user", (got["Uid"].split(),
                                        got["Gid"].split()),
                    ([str(NOBODY)] * 4, [str(NOBODY)] * 4))
            t.equal("and in no other group", got["Groups"].split(), [])
            locked(t, "another user's", pid)
        code = " ".join(i.source().send("Laporan.").receipt)
        i.still_well(code)
        i.stop()
        i.quiet()


def unseen(t):
    """Another process of the same user does not look into it."""
    if os.geteuid() != 0:
        print("confined: not root: who looks from outside is not tested")
        return
    with t.part("who looks from outside"):
        i = t.instance(serve=False)
        open_to_all(t, i)
        given_to(i.top, NOBODY)
        i.start()
        plain = subprocess.Popen(["sleep", "600"],
                                 preexec_fn=as_nobody(1 << 20))
        try:
            for what, pid in (("plain", plain.pid), ("server", i.server.pid),
                              *zip(("signer", "opener"),
                                   children(i.server.pid))):
                for name in ("environ", "mem", "maps"):
                    p = subprocess.run(
                        ["head", "-c0", "/proc/%d/%s" % (pid, name)],
                        stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                        preexec_fn=as_nobody(1 << 20))
                    t.equal("%s: %s can be opened" % (what, name),
                            p.returncode == 0, what == "plain")
        finally:
            plain.kill()
            plain.wait()
        i.stop()
        i.quiet()


def no_lock(t):
    with t.part("memory that may not be locked"):
        i = t.instance(serve=False)
        open_to_all(t, i)
        if os.geteuid() == 0:
            given_to(i.top, NOBODY)
        rc, said = started(i, 64 << 10)
        t.check("too little for its keys: it says so", rc == 3 and
                "may be locked" in said and "64 KiB" in said, (rc, said))
        rc, said = started(i, 8 << 20)
        t.equal("a demo serves with the usual limit", (rc, said), (None, ""))
        i = harness.Instance(t, t.folder(), demo=False)
        key = os.path.join(i.top, "key")
        with open(key + ".pass", "w") as f:
            f.write("kalimat sandi yang panjang\n")
        p = harness.command([i.program("peluit"), "--passphrase-file",
                             key + ".pass", "--json", "roster", "key",
                             "wbs.example/a", "-o", key])
        vkey = harness.json.loads(p.stdout)["vkey"]
        i.init("--origin", "wbs.example", "--roster-key", vkey)
        open_to_all(t, i)
        if os.geteuid() == 0:
            given_to(i.top, NOBODY)
        rc, said = started(i, 8 << 20)
        t.check("what is no demo wants all of it locked", rc == 3 and
                "LimitMEMLOCK=infinity" in said, (rc, said))


def main(t):
    kernels_word(t)
    only_its_own(t)
    with no_core(t):
        attacks(t)
    config(t)
    rights(t)
    unseen(t)
    no_lock(t)


harness.run(main)

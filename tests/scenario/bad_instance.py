"""A config, roster, key or folder that is not in order; a full disk.  The
programs say what and where in one line and refuse; what was there stays."""
import ctypes
import errno
import os
import re
import signal
import subprocess
import time

import audit_kit
import harness
import office
from harness import INSPECTORATE, Part


def refuses(t, i, name, words=()):
    """peluitd serve must end by itself, with one line that says why."""
    with t.part(name):
        p = subprocess.Popen(
            [i.program("peluitd"), "serve", i.dir, "--clock", i.clock_file],
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.PIPE)
        try:
            _, err = p.communicate(timeout=15 * harness.SLOW)
        except subprocess.TimeoutExpired:
            p.send_signal(signal.SIGTERM)
            _, err = p.communicate()
            t.check(name + ": it does not serve", False, err)
            return
        err = err.decode("utf-8", "replace")
        t.check(name + ": exit status", p.returncode in (1, 2, 3),
                "%r: %s" % (p.returncode, err))
        t.check(name + ": it says why, shortly", 1 <= err.count("\n") <= 3 and
                len(err) < 1000, err)
        for w in words:
            t.check("%s: it names %s" % (name, w), re.search(w, err), err)
        t.check(name + ": no control characters",
                not re.search("[\0-\x08\x0b-\x1f\x7f]", err), repr(err))


def configs(t, i, code):
    path = os.path.join(i.dir, "peluit.conf")
    with open(path, "rb") as f:
        good = f.read()

    def after(section, line):
        """The config with a line more in a section."""
        return re.sub(rb"(?m)^(%s\s*\{[^\n]*\n)" % section,
                      lambda m: m.group(1) + line + b"\n", good, count=1)

    def instead(key, value):
        return re.sub(rb"(?m)^(\s*%s\s*=\s*).*$" % key,
                      lambda m: m.group(1) + value, good, count=1)
    line = rb"line \d+"
    cases = [
        ("an unknown key", after(b"limits", b"\tbanana = 3"),
         ("banana", line.decode())),
        ("an unknown section", good + b"\nfruit {\n}\n",
         ("fruit", line.decode())),
        ("a repeated key", after(b"limits", b"\tfiles = 20"),
         ("files", line.decode())),
        ("a repeated section", good + b"\nlimits {\n}\n", ("limits",)),
        ("a value out of range", instead(b"files", b"100000"), ("files",)),
        ("a negative value", instead(b"files", b"-1"), ("files",)),
        ("a number that is text", instead(b"files", b"many"), ()),
        ("a NUL", good + b"\0\n", (line.decode(),)),
        ("invalid UTF-8", good + b"# caf\xe9\n", (line.decode(),)),
        ("a line of 5,000 bytes", good + b"#" + b"x" * 5000 + b"\n",
         (line.decode(),)),
        ("an escape in a key", after(b"limits", b"\t\x1b[2J = 3"), ()),
        ("an address that is not loopback",
         instead(b"source", b'"tcp:0.0.0.0:80"'), ("source",)),
        ("nothing", b"", ()),
        ("a brace too few", good.rstrip().rstrip(b"}"), ()),
    ]
    for name, bad, words in cases:
        if not t.check("the case differs: " + name, bad != good):
            continue
        with open(path, "wb") as f:
            f.write(bad)
        refuses(t, i, "a config with " + name, words)
    with open(path, "wb") as f:
        f.write(good)
    with t.part("SIGHUP with a wrong config"):
        i.start()
        i.expect("peluit.conf", "banana")
        with open(path, "wb") as f:
            f.write(after(b"limits", b"\tbanana = 3"))
        before = len(i.errors)
        i.server.send_signal(signal.SIGHUP)
        harness.wait_for("the line about it", 10,
                         lambda: len(i.errors) > before)
        t.check("the old one is kept, and it says so",
                any("banana" in e for e in i.errors), i.errors)
        t.equal("and it serves on", i.source().get("/").status, 200)
        with open(path, "wb") as f:
            f.write(good)
        i.server.send_signal(signal.SIGHUP)
        time.sleep(0.5)
        t.equal("the right one again", i.source().get("/").status, 200)
        i.still_well(code, "configs")
        i.stop()




def bech32(data, hrp="age"):
    """A Bech32 string of any 32 bytes, so also of points of low order."""
    table = "qpzry9x8gf2tvdw0s3jn54khce6mua7l"

    def mod(values):
        c = 1
        for v in values:
            top = c >> 25
            c = (c & 0x1ffffff) << 5 ^ v
            for k, g in enumerate((0x3b6a57b2, 0x26508e6d, 0x1ea119fa,
                                   0x3d4233dd, 0x2a1462b3)):
                c ^= g if top >> k & 1 else 0
        return c
    bits = "".join("{:08b}".format(b) for b in data)
    bits += "0" * (-len(bits) % 5)
    words = [int(bits[k:k + 5], 2) for k in range(0, len(bits), 5)]
    head = [ord(c) >> 5 for c in hrp] + [0] + [ord(c) & 31 for c in hrp]
    check = mod(head + words + [0] * 6) ^ 1
    words += [check >> 5 * (5 - k) & 31 for k in range(6)]
    return hrp + "1" + "".join(table[w] for w in words)


def rosters(t, i, code):
    path = os.path.join(i.dir, "public", "roster", "1")
    with open(path) as f:
        good = f.read()
    mode = os.stat(path).st_mode
    first = re.search(r"age1[0-9a-z]{58}", good).group(0)
    # A signed line changed, a signature changed, a point of low order.
    sig = good.rstrip().split("\n")[-1]
    flipped = sig[:-8] + ("A" if sig[-8] != "A" else "B") + sig[-7:]
    cases = [
        ("a roster with another recipient", good.replace(
            first, bech32(os.urandom(32)))),
        ("a roster with a wrong signature", good.replace(sig, flipped)),
        ("a roster without a signature", good.replace(sig + "\n", "")),
        ("a roster with a recipient that is no valid point", good.replace(
            first, bech32(b"\0" * 32))),
        ("a roster with a recipient of a wrong sum", good.replace(
            first, first[:-1] + ("q" if first[-1] != "q" else "p"))),
        ("a roster cut off", good[:len(good) // 2]),
        ("an empty roster", ""),
        ("a roster with CRLF", good.replace("\n", "\r\n")),
    ]
    for name, bad in cases:
        if not t.check("the case differs: " + name, bad != good):
            continue
        with open(path, "w", newline="") as f:
            f.write(bad)
        refuses(t, i, name)
        with open(path, "w") as f:
            f.write(good)
        os.chmod(path, mode)
    # A next roster: signed by nobody, and one that skips a number.
    i.start()
    with t.part("peluitd roster"):
        new = os.path.join(t.folder(), "r2")
        for name, text in (
                ("the same again", good),
                ("a wrong signature", good.replace(sig, flipped)),
                ("number 3, unsigned", good.replace("number 1", "number 3")),
                ("nonsense", "hello\n"), ("nothing", "")):
            with open(new, "w") as f:
                f.write(text)
            p = i.peluitd("roster", i.dir, new)
            t.check("peluitd roster refuses: " + name, p.returncode in
                    (1, 2) and p.stderr.count("\n") >= 1,
                    (p.returncode, p.stdout, p.stderr))
        i.server.send_signal(signal.SIGHUP)
        time.sleep(0.5)
        i.still_well(code, "wrong rosters")
    i.stop()


def identities(t, i):
    """What is wrong at a desk is said there, and nothing is overwritten."""
    i.start()
    i.close_epoch()
    home = os.path.join(i.dir, "people", INSPECTORATE)
    for n in ("identity.age", "sign.age", "office.conf"):
        path = os.path.join(home, n)
        with open(path, "rb") as f:
            good = f.read()
        mode = os.stat(path).st_mode
        for what, bad in (("damaged", good[:-20] + bytes(
                [good[-20] ^ 1]) + good[-19:]), ("cut off", good[:40]),
                ("empty", b"")):
            with t.part("%s %s" % (n, what)):
                with open(path, "wb") as f:
                    f.write(bad)
                p = i.peluit(INSPECTORATE, "fetch")
                t.check("%s %s: fetch refuses" % (n, what), p.returncode in
                        (1, 2, 3) and p.json and p.json["ok"] is False and
                        p.json.get("code"), (p.returncode, p.stdout,
                                             p.stderr))
        with open(path, "wb") as f:
            f.write(good)
        os.chmod(path, mode)
    with t.part("a wrong passphrase"):
        wrong = os.path.join(i.top, "wrong")
        with open(wrong, "w") as f:
            f.write("bukan ini\n")
        os.chmod(wrong, 0o600)
        p = harness.command([i.program("peluit"), "--home", home,
                             "--passphrase-file", wrong, "--json", "list"])
        t.check("a wrong passphrase is answer no", p.returncode in (1, 2) and
                '"ok":false' in p.stdout.replace(" ", ""), (p.returncode,
                                                            p.stdout))
    office.fetch(t, i, INSPECTORATE, "fetch once all is as it was")
    t.equal("the case is there", len(office.cases(i, INSPECTORATE)), 1)
    i.stop()


def secrets_and_folders(t, i, code):
    for n in ("at-rest", "receipt", "answers"):
        path = os.path.join(i.dir, "secrets", n + ".key")
        with open(path, "rb") as f:
            good = f.read()
        with open(path, "wb") as f:
            f.write(good[:-12] + b"\n")
        refuses(t, i, "a cut %s key" % n, (n,))
        os.chmod(path, 0o644)
        with open(path, "wb") as f:
            f.write(good)
        refuses(t, i, "a %s key that others can read" % n, (n,))
        os.chmod(path, 0o600)
        os.rename(path, path + ".away")
        refuses(t, i, "no %s key" % n, (n,))
        os.rename(path + ".away", path)
    away = os.path.join(i.top, "away")
    os.rename(os.path.join(i.dir, "store"), away)
    refuses(t, i, "no store")
    os.rename(away, os.path.join(i.dir, "store"))
    with t.part("init on a folder that is not empty"):
        p = i.peluitd("init", i.dir, "--demo")
        t.check("init refuses a folder that is not empty", p.returncode in
                (1, 2, 3), (p.returncode, p.stderr))
    with t.part("a second server"):
        i.start()
        refuses(t, i, "a second server of one folder")
        t.equal("the first serves on", i.source().get("/").status, 200)
        i.still_well(code, "a second server")
        i.stop()
    with t.part("wrong use"):
        for argv in (["serve"], ["nothing", i.dir], [], ["serve", "/nowhere"],
                     ["serve", i.dir, "--ready", "x"],
                     ["serve", i.dir, "--clock", "/nowhere"]):
            p = i.peluitd(*argv, timeout=20)
            t.check("peluitd %s: refused" % " ".join(argv[:1] + argv[2:]),
                    p.returncode in (1, 2, 3) and p.stderr,
                    (p.returncode, p.stderr))


def read_only(t, i, code):
    """A store that cannot be written, as another user than root sees it."""
    with t.part("a read-only folder"):
        store = os.path.join(i.dir, "store")
        if os.geteuid() == 0:
            # root writes through any mode: a read-only mount of it instead
            libc = ctypes.CDLL(None, use_errno=True)
            if libc.mount(store.encode(), store.encode(), b"none", 4096,
                          None) != 0:
                t.check("a bind mount is not allowed here: not tried", True)
                return
            if libc.mount(b"none", store.encode(), b"none", 32 | 4096 | 1,
                          None) != 0:
                libc.umount(store.encode())
                t.check("a bind mount is not allowed here: not tried", True)
                return
            refuses(t, i, "a read-only store")
            libc.umount(store.encode())
        else:
            os.chmod(store, 0o500)
            for n in os.listdir(store):
                os.chmod(os.path.join(store, n), 0o400)
            refuses(t, i, "a read-only store")
            os.chmod(store, 0o700)
            for n in os.listdir(store):
                os.chmod(os.path.join(store, n), 0o600)
        i.start()
        i.still_well(code, "a read-only folder")
        i.stop()


def full_disk(t):
    """A small disk that fills up: pages, 507, and nothing is lost."""
    if os.geteuid() != 0:
        t.check("a small disk needs root: not tried", True)
        return
    top = t.folder()
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.mount(b"tmpfs", top.encode(), b"tmpfs", 0, b"size=64m") != 0:
        t.check("a mount is not allowed here: not tried", True)
        return
    i = None
    try:
        with t.part("a full disk"):
            i = harness.Instance(t, top, serve=False)
            i.set_conf("limits", reserve_files_mib=24, reserve_text_mib=12)
            i.start()
            s = i.source()
            s.send("Laporan sebelum penuh.")
            s.noted()
            code = " ".join(s.receipt)

            def leave(mib):
                """Fill the disk until so much is free.  The server may
                take the last pages first: the disk is full then too."""
                st = os.statvfs(top)
                left = st.f_bavail * st.f_frsize - (mib << 20)
                with open(os.path.join(top, "fill"), "ab", 0) as f:
                    while left > 0:
                        try:
                            left -= f.write(b"\0" * left)
                        except OSError as e:
                            if e.errno != errno.ENOSPC:
                                raise
                            break
                time.sleep(1.5)

            leave(20)
            page = s.add([Part("kecil.bin", os.urandom(1 << 20))])
            t.check("below the files' reserve: 507, not kept",
                    page.status == 507 and page.kept == "no",
                    (page.status, page.error, page.kept))
            s2 = i.source()
            s2.send("Teks masih diterima.")
            t.check("text is still taken", len(s2.receipt) == 9)
            leave(8)
            s3 = i.source()
            form = s3.open_form()
            page = s3.submit(form, s3.fill(form, "Teks ditolak."))
            t.check("below the texts' reserve: 507, not kept, the text back",
                    page.status == 507 and page.kept == "no" and
                    "Teks ditolak." in page.html,
                    (page.status, page.error, page.kept))
            i.close_epoch()
            office.fetch(t, i, INSPECTORATE, "desks go on: fetch")
            case = office.cases(i, INSPECTORATE)[0]["case"]
            p = i.peluit(INSPECTORATE, "status", case, "VERIFYING")
            t.check("desks go on: status", p.returncode == 0,
                    p.stdout + p.stderr)
            leave(0)
            s4 = i.source()
            form = s4.open_form()
            page = s4.submit(form, s4.fill(form, "Cakram penuh."))
            t.check("a disk without a byte: 507", page.status == 507 and
                    page.kept == "no", (page.status, page.error))
            t.equal("reading goes on", i.source().login(code).page, "inbox")
            os.unlink(os.path.join(top, "fill"))
            time.sleep(1.5)
            i.still_well(code, "a full disk")
            # It fills while files are on their way.
            leave(30)
            page = s.add([Part("dulu.bin", os.urandom(1 << 20)),
                          Part("besar.bin", os.urandom(32 << 20))])
            t.check("a disk that fills during an upload: 507, and what was "
                    "whole is kept", page.status == 507 and
                    page.kept == "yes" and "dulu.bin" in page.text,
                    (page.status, page.error, page.kept))
            os.unlink(os.path.join(top, "fill"))
            time.sleep(1.5)
            i.still_well(code, "a disk that filled during an upload")
            form = s4.open_form()
            page = s4.submit(form, s4.fill(form, "Ada tempat lagi."))
            t.equal("with room again reports are taken", page.page,
                    "receipt")
            s = i.source()
            s.login(code)
            page = s.add([Part("besar.bin", os.urandom(60 << 20))])
            t.check("a file that does not fit: 507 and not kept",
                    page.status == 507 and page.kept == "no",
                    (page.status, page.error, page.kept))
            i.still_well(code, "a file that did not fit")
            i.stop()
    finally:
        if i and i.server:
            i.stop()
        libc.umount2(top.encode(), 2)


def full_stdout(t, i):
    """What nobody could read was not said: no command calls that a success."""
    d, desk = i.program("peluitd"), i.desk(INSPECTORATE)
    audit = audit_kit.Audit(t, i).argv()
    with t.part("a full stdout"):
        for argv in ([d, "status", i.dir], [d, "status", i.dir, "--json"],
                     [d, "check", i.dir], [d, "check", i.dir, "--json"],
                     [d, "keys", i.dir, "--json"],
                     [d, "office", i.dir, INSPECTORATE],
                     [*desk, "list"], [*desk, "--json", "list"],
                     [*audit, "check"], [*audit, "--json", "check"]):
            with open("/dev/full", "wb") as out:
                p = subprocess.run(argv, stdin=subprocess.DEVNULL, stdout=out,
                                   stderr=subprocess.PIPE)
            name = " ".join(os.path.basename(a) for a in argv)
            t.equal(name + ": the machine refused", p.returncode, 3)
            t.check(name + ": it says so", b"stdout: " in p.stderr, p.stderr)


def main(t):
    with t.instance() as i:
        s = i.source()
        s.send("Laporan yang harus selamat.", channel="inspektorat")
        s.noted()
        code = " ".join(s.receipt)
        i.stop()
        configs(t, i, code)
        rosters(t, i, code)
        identities(t, i)
        secrets_and_folders(t, i, code)
        read_only(t, i, code)
        i.start()
        i.still_well(code)
        i.close_epoch()
        office.fetch(t, i, INSPECTORATE, "before a full stdout")
        full_stdout(t, i)
    full_disk(t)


harness.run(main)

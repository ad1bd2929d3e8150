"""Each command of the programs, run once for each call that it makes and that
fails.  It may not end by a signal or without a word; what it says it did is
done, and what it did not do can be done afterwards."""
import collections
import filecmp
import os
import re
import shutil
import subprocess
import time

import courses
import sites
from load import harness, log, Part
from harness import INSPECTORATE

KEEPER = "kustodian-1"
ONION = "peluit" + "w7k2" * 12 + "ad.onion"
WORD = "kalimat sandi yang panjang\n"


def gone(path):
    """A course that begins without that file or folder."""
    def before():
        shutil.rmtree(path, ignore_errors=True)
        if os.path.exists(path):
            os.unlink(path)
    return before


class Kept:
    """A file or folder as it was, put back as often as wanted."""

    def __init__(self, t, path):
        self.path, self.copy = path, os.path.join(t.folder(), "kept")
        (shutil.copytree if os.path.isdir(path) else shutil.copy)(path,
                                                                   self.copy)

    def back(self):
        gone(self.path)()
        if os.path.isdir(self.copy):
            shutil.copytree(self.copy, self.path)
        else:
            shutil.copy(self.copy, self.path)

    def same(self):
        return filecmp.cmp(self.copy, self.path, shallow=False)


class Commands:
    def __init__(self, rng, each):
        self.rng, self.each = rng, each
        self.done = collections.Counter()
        self.broken = []
        self.t = courses.Deaf()

    def sweep(self, name, argv, before=None, after=None, out=False,
              want=(0,)):
        """argv with each call failing in turn.  after(p) says what is wrong
        with what was left.  out: what a success prints is always the same.
        want: how it ends when nothing fails."""
        if before:
            before()
        p = harness.command(argv)
        if p.returncode not in want:
            raise harness.Failed("%s: %s%s" % (name, p.stdout, p.stderr))
        whole, verdict = p.stdout, p.returncode
        if before:
            before()
        for fault in sites.faults(self.rng, sites.count(argv), self.each):
            if before:
                before()
            self.done[name] += 1
            try:
                p = harness.command(argv, env=sites.environment(fault))
            except subprocess.TimeoutExpired:
                self.broken.append("%s with %s: hangs" % (name, fault))
                continue
            why = None
            if p.returncode not in (0, 1, 2, 3):
                why = "ended with %d: %s" % (p.returncode, p.stderr[-300:])
            elif p.returncode and not (p.stderr.strip() or p.stdout.strip()):
                why = "said nothing"
            elif p.returncode in want and p.returncode != verdict:
                why = "another verdict: %d, %s" % (p.returncode, p.stdout)
            elif out and p.returncode == verdict and p.stdout != whole:
                why = "ended as ever and printed something else"
            elif after:
                why = after(p)
            if why:
                self.broken.append("%s with %s: %s" % (name, fault, why))

    def again(self, argv, whole=lambda: False):
        """What a failed command left does not stop the next: for after().
        whole: what it made is all there; it may have failed at the last
        sync, and the next then refuses to write over it."""
        def after(p):
            if p.returncode == 0 or whole():
                return None
            q = harness.command(argv)
            return None if q.returncode == 0 else \
                "afterwards it says %s%s" % (q.stdout, q.stderr)
        return after

    def sound(self, i, label=INSPECTORATE):
        """Neither the store nor that officer's vault is damaged."""
        def after(_p):
            q = i.peluitd("check", i.dir)
            if q.returncode == 0:
                q = harness.command([*i.desk(label), "list"])
            return None if q.returncode == 0 else q.stdout + q.stderr
        return after

    # ---- the programs without an instance that runs ----

    def init(self):
        path = os.path.join(self.t.folder(), "i")
        d = os.path.join(harness.FAULT, "peluitd")

        def after(p):
            conf = os.path.exists(os.path.join(path, "peluit.conf"))
            if p.returncode and not conf:
                return None
            q = harness.command([d, "check", path])
            return None if q.returncode == 0 else \
                "it left %d, %s" % (p.returncode, q.stderr)
        self.sweep("init", [d, "init", path, "--demo"], gone(path), after)

    def ceremony(self):
        """Keys, cards, a roster and an office, as before a first day."""
        top = self.t.folder()
        d, desk = (os.path.join(harness.FAULT, n) for n in ("peluitd",
                                                            "peluit"))

        def path(*names):
            return os.path.join(top, *names)

        def run(argv):
            p = harness.command(argv)
            if p.returncode:
                raise harness.Failed("%s: %s%s" % (argv[1:], p.stdout,
                                                   p.stderr))
            return p.stdout
        with open(path("word"), "w") as f:
            f.write(WORD)
        os.chmod(path("word"), 0o600)
        desk = [desk, "--passphrase-file", path("word")]
        init = desk + ["--home", path("p"), "init", "--label", "petugas-1"]
        for label in ("petugas-1", "petugas-2", "petugas-3"):
            run(desk + ["--home", path(label), "init", "--label", label])
        self.sweep("peluit init", init, gone(path("p")), self.again(
            init, lambda: set(os.listdir(path("petugas-1"))) <=
            set(os.path.isdir(path("p")) and os.listdir(path("p")) or ())))
        vkey = run(desk + ["roster", "key", "wbs.example/b", "-o",
                           path("b")]).split()[-1]
        key = desk + ["roster", "key", "wbs.example/a", "-o", path("key")]
        self.sweep("roster key", key, gone(path("key")), self.again(
            key, lambda: os.path.exists(path("key")) and
            os.path.getsize(path("key")) == os.path.getsize(path("b"))))
        inst = [d, "init", path("i"), "--origin", "wbs.example",
                "--roster-key", vkey]
        for n in ("source", "desk", "log"):
            inst += ["--" + n, "unix:" + path(n + ".sock")]
        self.sweep("init of an office", inst, gone(path("i")))
        gone(path("i"))()
        run(inst)
        office = [d, "office", path("i"), "petugas-1"]
        self.sweep("office", office, out=True)
        with open(path("office.conf"), "w") as f:
            f.write(run(office))
        note = path("r")
        show = desk + ["roster", "show", "--file", note]
        new = desk + ["roster", "new", "--file", note, "--office",
                      path("office.conf"), "--card",
                      path("petugas-1", "card.txt"), "--channel",
                      "inspektorat"]
        self.sweep("roster new", new, gone(note), self.again(
            new, lambda: harness.command(show).returncode == 0))
        gone(note)()
        run(new)
        for name, args, file in (
                ("add", [path("petugas-2", "card.txt"), "--role",
                         "investigator", "--channel", "luar"], note),
                ("sign", ["--key", path("b")], note), ("show", [], note),
                ("retire", ["petugas-1"], path("next"))):
            if name == "retire":
                run(desk + ["roster", "new", "--file", file, "--from", note])
            old = Kept(self.t, file)
            argv = desk + ["roster", name, *args, "--file", file]
            run(argv)
            new = Kept(self.t, file)
            # One that failed may be done, if only its last sync failed.
            self.sweep("roster " + name, argv, old.back,
                       lambda p, o=old, n=new: None if n.same() or
                       p.returncode and o.same() else "another file",
                       out=name == "show")
            new.back()
            if name == "add":   # of two, one can be retired
                run(desk + ["roster", "add", path("petugas-3", "card.txt"),
                            "--role", "investigator", "--channel",
                            "inspektorat", "--file", file])
        gave = [d, "roster", path("i"), note]
        kept = Kept(self.t, path("i"))
        one = path("i", "public", "roster", "1")
        self.sweep("roster", gave, kept.back, self.again(
            gave, lambda: os.path.exists(one) and
            filecmp.cmp(one, note, shallow=False)))
        kept.back()
        self.sweep("confirm", [d, "confirm", path("i")], kept.back)
        kept.back()
        kept = Kept(self.t, path("petugas-1"))
        join = desk + ["--home", path("petugas-1"), "join",
                       path("office.conf")]
        self.sweep("peluit join", join, kept.back, self.again(join))
        self.sealing(desk, path)

    def sealing(self, desk, path):
        """`peluit encrypt` and `decrypt`."""
        plain, sealed, opened = path("plain"), path("sealed"), path("opened")
        with open(plain, "wb") as f:
            f.write(os.urandom(200000))
        with open(path("petugas-1", "card.txt")) as f:
            to = next(w for w in f.read().split() if w.startswith("age1"))
        identity = ["-i", path("petugas-1", "identity.age")]

        def tried(out, opens):
            def after(p):
                # Failed, and whole: at its last sync.
                return opens() if p.returncode == 0 or \
                    os.path.exists(out) else None
            return after

        def comes_back():
            p = harness.command(desk + ["decrypt", *identity, sealed],
                                binary=True)
            with open(plain, "rb") as f:
                return None if p.stdout == f.read() else "it does not open"
        seal = desk + ["encrypt", "-r", to, "-o", sealed, plain]
        self.sweep("peluit encrypt", seal, gone(sealed),
                   tried(sealed, comes_back))
        gone(sealed)()
        harness.command(seal)
        self.sweep("peluit decrypt", desk + [
            "decrypt", *identity, "-o", opened, sealed], gone(opened), tried(
                opened, lambda: None if filecmp.cmp(plain, opened, False)
                else "another text"))

    # ---- with one that runs ----

    def instance(self):
        i = courses.Instance(self.t)
        i.begin(None)
        s, _ = i.report()
        s.add([Part("x.bin", os.urandom(3 << 20))])
        i.close_epoch()
        fresh = Kept(self.t, os.path.join(i.dir, "people", INSPECTORATE))
        i.peluit(INSPECTORATE, "fetch")
        case = i.peluit(INSPECTORATE, "list").json["cases"][0]["case"]
        text = os.path.join(i.top, "text")
        with open(text, "w") as f:
            f.write("Jawaban.\n")
        out = os.path.join(self.t.folder(), "out")
        d = i.program("peluitd")
        for name, args in (("check", ["--json"]), ("status", ["--json"]),
                           ("keys", []), ("backup", [out]),
                           ("mirror", [out])):
            self.sweep(name, [d, name, i.dir, *args], gone(out),
                       out=name in ("check", "keys"))
        self.papers(i)
        desk = i.desk(INSPECTORATE)
        self.first_fetch(i, desk, fresh, case)
        for args in (["fetch"], ["--json", "list"], ["open", case],
                     ["status", case, "REVIEW"], ["reply", case, "-f", text],
                     ["statistics"], ["list"]):
            name = args[args[0] == "--json"]
            self.sweep("peluit " + name, [*desk, *args], gone(out),
                       self.sound(i), out=name in ("list", "open",
                                                   "statistics"))
            if name == "reply":         # what waited is sent at last
                i.close_epoch(2)
                i.peluit(INSPECTORATE, "fetch")
        self.export(desk, case, out)
        for name in ("fetch", "list"):
            p = i.peluit(INSPECTORATE, name)
            if p.returncode:
                self.broken.append("peluit %s afterwards: %s%s" % (
                    name, p.stdout, p.stderr))
        self.over(i)

    def first_fetch(self, i, desk, fresh, case):
        """Of a new case; what one fetch lacks the next brings."""
        fetched = Kept(self.t, fresh.path)

        def seen():
            return [harness.command([*desk, "--json", *a]).stdout
                    for a in (["list"], ["open", case])]
        whole = seen()

        def after(p):
            again = p if p.returncode == 0 else \
                harness.command([*desk, "fetch"])
            if again.returncode:
                return "afterwards it says " + again.stdout + again.stderr
            return None if seen() == whole else "brought something else"
        self.sweep("peluit fetch of a case", [*desk, "fetch"], fresh.back,
                   after)
        fetched.back()

    def export(self, desk, case, out):
        """As the sums of a whole one say, or nothing."""
        argv = [*desk, "export", case, out]
        gone(out)()
        harness.command(argv)
        with open(os.path.join(out, "SHA256SUMS")) as f:
            whole = f.read()

        def after(p):
            left = [n for n in os.listdir(os.path.dirname(out))
                    if n.startswith("out.")]
            if left:
                return "it left " + ", ".join(left)
            if not os.path.exists(out):
                return None if p.returncode else "there is none"
            with open(os.path.join(out, "SHA256SUMS")) as f:
                good = f.read() == whole
            p = subprocess.run(["sha256sum", "--quiet", "-c", "SHA256SUMS"],
                               cwd=out, stdout=subprocess.PIPE,
                               stderr=subprocess.STDOUT)
            return None if good and p.returncode == 0 else \
                "another export: %r" % p.stdout
        self.sweep("peluit export", argv, gone(out), after)
        # And what an officer looks at without an export.
        argv = [*desk, "open", case, "--save", out]
        gone(out)()
        harness.command(argv)
        saved = set(os.listdir(out))

        def all_or_none(p):
            there = set(os.path.exists(out) and os.listdir(out) or ())
            return None if there == (set() if p.returncode else saved) else \
                "it left %s" % there
        self.sweep("peluit open --save", argv, gone(out), all_or_none)

    def papers(self, i):
        """They name an onion address, which an instance here has not."""
        other = os.path.join(self.t.folder(), "i")
        shutil.copytree(i.dir, other)
        conf = os.path.join(other, "peluit.conf")
        with open(conf) as f:
            text = re.sub(r'(\bonion *= *)""', r'\1"%s"' % ONION, f.read())
        with open(conf, "w") as f:
            f.write(text)
        for name in ("poster", "landing"):
            self.sweep(name, [i.program("peluitd"), name, other], out=True)

    def over(self, i):
        rc, found = i.auditor().codes("full")
        if rc not in (0, 1) or found - courses.LATE:
            self.broken.append("audit afterwards: %d %s" % (rc, found))
        i.end()
        said = [e for e in i.errors if e]
        if said:
            self.broken.append("the server said: " + "; ".join(said[:3]))
        self.broken += i.book.broken

    def audits(self):
        """The auditor's program, and what brings a log on after a loss."""
        i = courses.Instance(self.t)
        i.prepare()
        i.begin(None)
        i.report()
        i.close_epoch()
        held = os.path.join(i.top, "promise")
        with open(held, "w") as f:
            f.write(i.book.promises[0])
        a = i.auditor()
        audit = [i.program("peluit-audit"), "--home", a.home,
                 "--passphrase-file", os.path.join(a.people, "passphrase"),
                 "--clock", i.clock_file]
        kept = Kept(self.t, a.home)
        self.sweep("audit check", audit + ["--json", "check"], kept.back,
                   out=True, want=(0, 1))
        self.sweep("audit full", audit + ["--json", "full"], kept.back,
                   out=True, want=(0, 1))
        kept = Kept(self.t, a.home)
        page = os.path.join(i.top, "page.html")
        self.sweep("audit report", audit + [
            "report", "--cases", "--json", page + ".json", "--html", page],
            gone(page), lambda p: None if p.returncode or
            os.path.getsize(page) else "an empty page", want=(0, 1))
        self.sweep("audit proof", audit + ["--json", "proof", held], kept.back)
        self.sweep("audit watch", audit + ["watch", "--once"], kept.back,
                   want=(0, 1))
        with open(os.path.join(i.dir, "public", "roster.vkey")) as f:
            keys = f.read().split()
        new = os.path.join(self.t.folder(), "new")

        def auditor():
            gone(new)()
            shutil.copytree(os.path.join(i.dir, "people", "auditor-1"), new)
        argv = audit[:]
        argv[2] = new
        argv += ["init", i.sock["log"], log.vkey(i), *keys, "--api",
                 i.sock["desk"]]
        self.sweep("audit init", argv, auditor, self.again(argv))
        kept.back()
        self.over(i)
        self.restored(i)

    def restored(self, i):
        """A backup is copied back."""
        i.begin(None)
        backup, mirror = (os.path.join(self.t.folder(), n) for n in "bm")
        i.peluitd("backup", i.dir, backup)
        i.source().send("Akan hilang.")
        i.close_epoch()
        i.peluitd("mirror", i.dir, mirror)
        i.end()
        shutil.rmtree(os.path.join(i.dir, "store"))
        shutil.copytree(os.path.join(backup, "store"),
                        os.path.join(i.dir, "store"))
        argv = [i.program("peluitd"), "restore", i.dir, "--log", mirror]
        kept = Kept(self.t, i.dir)
        self.sweep("restore", argv, kept.back, self.again(argv))
        kept.back()
        harness.command(argv)
        # restore looks at the real clock, which has overtaken the test's if
        # all this took long.
        i.set_clock(max(i.now, int(time.time())))
        i.begin(None)
        i.close_epoch(2)
        i.sound()
        self.over(i)

    def custody(self):
        """What changes a case for good: each time from the same day."""
        i = courses.Instance(self.t)
        i.begin(None)
        s = i.source()
        s.send("Uang rokok.", channel="inspektorat",
               fields=[("identity", "Sari")])
        words = s.receipt
        i.close_epoch()
        i.peluit(INSPECTORATE, "fetch")
        case = i.peluit(INSPECTORATE, "list").json["cases"][0]["case"]
        text = os.path.join(i.top, "why")
        with open(text, "w") as f:
            f.write("Diteruskan.\n")
        day = self.day(i)
        desk, keeper = i.desk(INSPECTORATE), i.desk(KEEPER)
        for name, argv in (
                ("refer", [*desk, "refer", case, "--to", "KPK", "-f", text]),
                ("identity ask", [*desk, "identity", "ask", case])):
            self.sweep("peluit " + name, argv, day, self.sound(i))
        day()
        i.peluit(INSPECTORATE, "identity", "ask", case)
        i.close_epoch()
        s = i.source()
        s.login(" ".join(words))
        page = s.consent(True)
        if page.page != "sent":
            raise harness.Failed("consent: " + page.page)
        i.close_epoch()
        i.peluit(KEEPER, "fetch")
        day = self.day(i)
        argv = [*keeper, "identity", "open", case]
        self.sweep("peluit identity open", argv, day, self.again(argv))
        day()
        self.over(i)

    def day(self, i):
        """What puts instance and clock back to now."""
        i.end()
        kept, now = Kept(self.t, i.dir), i.now
        i.begin(None)

        def back():
            i.end()
            kept.back()
            i.set_clock(now)
            i.begin(None)
        return back

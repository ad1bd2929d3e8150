"""What is decided in a case, and the server killed meanwhile: an officer asks
for the identity, the source says yes, a custodian opens it, an officer refers
the case, the source deletes the answer.  Each is then done once more, and is
there once."""
import contextlib
import os

import load
from load import harness
from harness import INSPECTORATE, Failed

KEEPER = "kustodian-1"
DESK = ["desk.1@1", "desk.2@1", "desk.3@1", "desk.4@1"]
STORE = ["store.put@1", "store.put@2", "store.commit.before@1",
         "store.commit.after@1", "signer.promise@1"]


def asks(page):
    """A yes can be taken back, so a form alone is no question."""
    return any({"yes", "no"} <= {b for b, _ in f.buttons}
               for f in page.forms if f.action.endswith("/surat/izin"))


class Decided:
    """One case."""

    def __init__(self, i, n):
        self.i, self.n, self.waits = i, n, False
        self.text = os.path.join(i.top, "text")
        with open(self.text, "w") as f:
            f.write("Diteruskan %d.\n" % n)
        s = i.source()
        s.send("Laporan nomor %d." % n, channel="inspektorat",
               fields=[("identity", "Sari %d" % n)])
        self.code = " ".join(s.receipt)
        s.noted()
        self.hear(INSPECTORATE)
        self.case = next(c["case"] for c in i.peluit(
            INSPECTORATE, "list").json["cases"] if "nomor %d." % n in
            i.peluit(INSPECTORATE, "open", c["case"]).stdout)

    def hear(self, label):
        self.i.close_epoch()
        self.i.peluit(label, "fetch")

    def wrong(self, what, detail=""):
        self.i.book.wrong("case %d: %s %s" % (self.n, what, detail))

    def inbox(self):
        s = self.i.source()
        if s.login(self.code).page != "inbox":
            raise Failed("case %d does not open: %s" % (self.n, s.page.error))
        return s

    # -- what is done; each may be done twice --

    def ask(self):
        p = self.i.peluit(INSPECTORATE, "identity", "ask", self.case)
        return p.returncode == 0 or (p.json or {}).get("code") == "consent"

    def consent(self):
        s = self.inbox()
        return not asks(s.page) or s.consent(True).page == "sent"

    def open(self):
        self.i.peluit(KEEPER, "fetch")
        p = self.i.peluit(KEEPER, "identity", "open", self.case)
        return p.returncode == 0 and "Sari %d" % self.n in p.stdout

    def refer(self):
        if self.waits:          # so it was said: the next fetch sends it
            return self.i.peluit(INSPECTORATE, "fetch").returncode == 0
        p = self.i.peluit(INSPECTORATE, "refer", self.case, "--to", "KPK",
                          "-f", self.text)
        self.waits = "request_waits" in p.stdout
        return p.returncode == 0

    def delete(self):
        s = self.inbox()
        for a in s.page.answers:
            if s.delete(a["id"]).page not in ("sent", "inbox"):
                return False
        return True

    # -- what must then be so --

    def after_ask(self):
        if not asks(self.inbox().page):
            self.wrong("the question is lost")

    def after_consent(self):
        if asks(self.inbox().page):
            self.wrong("it is asked again")
        self.hear(KEEPER)

    def after_open(self):
        pass                    # done means that the text is there

    def after_refer(self):
        n = sum("Diteruskan %d." % self.n in a["text"]
                for a in self.inbox().page.answers)
        if n != 1:
            self.wrong("the answer stands there %d times" % n)

    def after_delete(self):
        if "Diteruskan %d." % self.n in self.inbox().page.text:
            self.wrong("a deleted answer is shown")


def one(i, n, act, point):
    """A case up to an act, which a kill meets."""
    i.begin(None)
    c = Decided(i, n)
    for before in ("ask", "consent", "open", "refer", "delete"):
        if before == act:
            break
        if not getattr(c, before)():
            c.wrong("no " + before)
        getattr(c, "after_" + before)()
    i.end()
    i.begin(point + "=kill")
    with contextlib.suppress(Failed, load.Refused, *load.GONE):
        getattr(c, act)()
    dead = not i.server or i.wait_dead(5 if "signer" in point else 1)
    # A server whose signer is killed stops by itself.
    if i.over(kill=True) == (3 if "signer" in point else -9) and dead:
        i.kills[point.split("@")[0]] += 1
    i.errors = []
    if not i.begin(None):
        raise Failed("no start after %s at %s: %s" % (act, point,
                                                      i.errors[-3:]))
    if not getattr(c, act)():
        c.wrong("%s cannot be done after a kill at %s" % (act, point))
    getattr(c, "after_" + act)()
    i.head()
    i.end()


def choices(i):
    n = 0
    for act, points in (("ask", DESK[1:] + STORE), ("consent", STORE),
                        ("open", DESK[1:] + STORE), ("refer", DESK + STORE),
                        ("delete", STORE)):
        for point in points:
            n += 1
            one(i, n, act, point)
    i.begin(None)
    i.close_epoch(2)
    i.sound()
    i.end()

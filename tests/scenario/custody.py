"""The identity of a source, from asking to opening: nobody has its header
before the source's yes and a custodian's signed opening, and after them that
custodian alone."""
import json
import os

import harness
import office
from audit_kit import Audit
from harness import INSPECTORATE, OUTSIDE, age_with_passphrase, command, \
    search_checked
from signer import Api, Desk, action, body_of, commitment

MARK = "penanda-Sari-7fKq2WvHx9"
LATER = "penanda-telepon-3bZpQ8sLw"
KEEPER, NEW, OTHER = "kustodian-1", "kustodian-2", "kustodian-3"


class Case:
    """One case, its source, and what desks and outsiders try on it."""

    def __init__(self, t, i):
        self.t, self.i, self.api = t, i, Api()
        self.s = i.source()
        self.desks = {}

    def desk(self, label):
        if label not in self.desks:
            self.desks[label] = Desk(self.i, label)
        return self.desks[label]

    def peluit(self, what, label, *args, want=0):
        p = self.i.peluit(label, *args)
        self.t.check(what, p.returncode == want,
                     (p.returncode, p.stdout, p.stderr))
        return p.json or {}

    def hear(self, *labels):
        """An epoch ends, and the desks fetch."""
        self.i.close_epoch()
        for label in labels or (INSPECTORATE, KEEPER):
            office.fetch(self.t, self.i, label)

    def feed(self, label):
        status, got, data, _ = self.desk(label).call("GET", "/v1/feed",
                                                     "?after=0")
        self.t.equal("the feed is as openapi.yaml says", self.api.wrong(
            "GET", "/v1/feed", status, got, data), "")
        return json.loads(data)

    def sealed(self):
        """The ids of all identity objects, as a reader's feed has them."""
        return [o["id"] for item in self.feed(INSPECTORATE)
                for o in item["objects"] if o.get("identity")]

    def act(self, label, status, seen=None, want=(409,), code=None, what=""):
        d = self.desk(label)
        lines = {"status": status}
        if seen:
            lines["seen"] = seen
        path = "/v1/cases/%s/actions" % self.case
        status, got, data, sent = d.call("POST", path, body=body_of(
            d, action(d, self.case, "custody", **lines)))
        self.t.check("%s: status" % what, status in want, (status, data))
        self.t.equal("%s: as openapi.yaml says" % what, self.api.wrong(
            "POST", path, status, got, data), "")
        answer = json.loads(data)
        if code:
            self.t.equal("%s: code" % what, answer.get("code"), code)
        return answer

    def nobody_has(self, when, but=()):
        """The header and block of each identity, asked for by everybody."""
        for oid in self.sealed():
            for label in (INSPECTORATE, OUTSIDE, KEEPER, NEW, OTHER,
                          "auditor-1"):
                if (label, oid) in but:
                    continue
                for part in ("h", "t", "0"):
                    status = self.desk(label).call(
                        "GET", "/v1/objects/%s/%s" % (oid, part))[0]
                    self.t.check("%s: %s gets nothing of the identity (%s)" %
                                 (when, label, part), status in (403, 404),
                                 status)

    def consents(self):
        """Commitments of the source's answers, in their order."""
        return [commitment(x) for x in self.feed(INSPECTORATE)
                if x["kind"] == "consent"]

    def state(self, label=INSPECTORATE):
        return office.cases(self.i, label)[0]["consent"]


def reported(c):
    """A report with an identity, one without, and who hears of what."""
    t, i = c.t, c.i
    c.s.send("Uang rokok untuk panitia.", channel="inspektorat",
             fields=[("identity", "Sari, 0812. " + MARK)])
    c.s.noted()
    c.code = " ".join(c.s.receipt)
    i.close_epoch()
    # another custodian of the same channel, who came after the report, and
    # one of the other channel
    office.newcomers(t, i, "custodian", ((NEW, "inspektorat"),
                                         (OTHER, "luar")))
    c.hear(INSPECTORATE, KEEPER, NEW, OTHER)
    c.case = office.only_case(t, i, INSPECTORATE)
    view = office.opened(t, i, INSPECTORATE, c.case)
    m = office.report(view)
    t.check("the investigator sees that there is one, not what it says",
            m["identity"] is True and MARK not in json.dumps(view), view)
    t.check("and the report is checked against the log in full", m["checked"],
            m)
    t.equal("the list says so", (office.cases(i, INSPECTORATE)[0]["identity"],
                                 c.state()), (True, None))
    for label in (KEEPER, NEW, OTHER):
        t.equal("nobody asked: %s hears of no case" % label, c.feed(label),
                [])
    c.nobody_has("before anybody asked")
    t.check("the source is not asked", c.s.get("/surat").form(
        tail="/surat/izin") is None)
    first = commitment(c.feed(INSPECTORATE)[0])
    c.act(KEEPER, "OPEN", first, (404,), "not_found", "opening unasked")
    c.act(INSPECTORATE, "OPEN", first, (403,), "role",
          "an investigator opens")
    c.act(KEEPER, "ASK", None, (403,), "role", "a custodian asks")
    c.act(OUTSIDE, "ASK", None, (404,), "not_found",
          "who does not read the case asks")
    c.peluit("no case of that name for the custodian", KEEPER, "identity",
             "open", c.case, want=1)
    page = c.s.submit(c.s.get("/surat").form(tail="/surat/tulis"),
                      [("text", "Halo.")])
    form = c.s.get("/surat").form(tail="/surat/tulis")
    token = [v for k, v in form.defaults() if k == "token"][0]
    page = c.s.request("POST", "/surat/izin", b"token=%s&yes=yes" % token.encode(), {
        "Content-Type": "application/x-www-form-urlencoded"})
    t.equal("an answer that nobody asked for", page.status, 404)


def asked(c, when):
    c.peluit("the investigator asks (%s)" % when, INSPECTORATE, "identity",
             "ask", c.case)


def refused(c):
    """Asked, answered no; asked again."""
    t, i = c.t, c.i
    asked(c, "first")
    got = c.act(INSPECTORATE, "ASK", None, (409,), "asked", "asked twice")
    t.check("it says why", got.get("detail"), got)
    got = c.peluit("the desk says so too", INSPECTORATE, "identity", "ask",
                   c.case, want=1)
    t.equal("with a code", got.get("code"), "consent")
    c.hear(INSPECTORATE, KEEPER, NEW, OTHER)
    t.equal("the custodian hears of the case now, from its beginning",
            [x["kind"] for x in c.feed(KEEPER) if x["kind"] != "access"],
            ["report", "message", "custody"])
    for label in (NEW, OTHER):
        t.equal("%s hears nothing still" % label, c.feed(label), [])
    for label in (INSPECTORATE, KEEPER):
        t.equal("asked, says the list of " + label, c.state(label), "asked")
    t.check("a custodian reads nothing of the report", MARK not in str(
        office.opened(t, i, KEEPER, c.case)) and not office.texts(
        office.opened(t, i, KEEPER, c.case)))
    c.nobody_has("asked, not answered")
    question = [commitment(x) for x in c.feed(KEEPER)
                if x["kind"] == "custody"][-1]
    c.act(KEEPER, "OPEN", question, (409,), "unanswered",
          "opening before the answer")
    c.peluit("the custodian's desk waits too", KEEPER, "identity", "open",
             c.case, want=1)
    page = c.s.get("/surat")
    t.check("the source sees who asks", "petugas-1" in page.text, page.text)
    t.check("and who would open it", KEEPER in page.text, page.text)
    page = c.s.consent(False)
    t.check("the source says no", page.status == 200 and page.page == "sent",
            (page.status, page.error))
    page = c.s.get("/surat")
    t.check("and finds it on the page, the report goes on",
            page.page == "inbox" and page.form(tail="/surat/izin"))
    c.hear()
    t.equal("the desk hears no", c.state(), "no")
    c.nobody_has("refused")
    c.act(KEEPER, "OPEN", c.consents()[-1], (409,), "refused",
          "opening after a no")
    c.peluit("the custodian's desk says no", KEEPER, "identity", "open",
             c.case, want=1)
    text = i.peluit(INSPECTORATE, "--lang", "en", "open", c.case,
                    json_out=False)
    t.check("open says it in words", "does not agree" in text.stdout,
            text.stdout)


def agreed(c):
    """Asked again, agreed, opened."""
    t, i = c.t, c.i
    asked(c, "after a no")
    old = c.s.get("/surat").form(tail="/surat/izin")
    page = c.s.consent(True)
    t.check("the source agrees", page.page == "sent", page.error)
    page = c.s.submit(old, button="yes")
    t.equal("the same answer twice is one", page.page, "sent")
    page = c.s.consent(False)
    t.check("and may take it back before the opening", page.page == "sent",
            page.error)
    page = c.s.consent(True)
    t.equal("but not without end", (page.status, page.error), (429, "epoch"))
    c.hear()
    t.equal("the last answer counts", c.state(), "no")
    c.act(KEEPER, "OPEN", c.consents()[-2], (409,), "refused",
          "opening with a yes that was taken back")
    page = c.s.consent(True)
    t.check("the source agrees after all", page.page == "sent", page.error)
    c.hear(INSPECTORATE, KEEPER, NEW, OTHER)
    t.equal("the list says so", (c.state(), c.state(KEEPER)), ("yes", "yes"))
    c.nobody_has("agreed, not yet opened")
    yes = c.consents()[-1]
    c.act(INSPECTORATE, "OPEN", yes, (403,), "role",
          "an investigator opens with the yes")
    c.act(INSPECTORATE, "ASK", None, (409,), "agreed", "asked after a yes")
    for label in (NEW, OTHER):
        c.act(label, "OPEN", yes, (404,), "not_found", "%s opens" % label)
    c.act(KEEPER, "OPEN", c.consents()[0], (422,), "seen",
          "opening with another answer")
    got = c.peluit("the custodian opens", KEEPER, "identity", "open", c.case)
    t.check("what the source wrote", MARK in str(got.get("fields")), got)
    again = c.peluit("again", KEEPER, "identity", "open", c.case)
    t.equal("the same", again.get("fields"), got.get("fields"))
    before = c.act(KEEPER, "OPEN", yes, (200,), what="opening again")
    t.equal("is the opening that was", c.act(
        KEEPER, "OPEN", yes, (200,), what="and again"), before)
    c.first = c.sealed()[0]
    c.nobody_has("opened", but=[(KEEPER, c.first)])
    page = c.s.get("/surat")
    t.check("the source is told, and there is nothing to change any more",
            page.form(tail="/surat/izin") is None)
    c.hear()
    t.equal("opened, says the list", c.state(), "opened")
    opens = [x for x in c.feed(INSPECTORATE) if x["kind"] == "custody" and
             x["status"] == "OPEN"]
    t.equal("one opening in the log", len(opens), 1)


def later(c):
    """More of an identity with a later message: the old yes is not for it."""
    t = c.t
    form = c.s.get("/surat").form(tail="/surat/tulis")
    t.need("the inbox has the field", "identity" in form.names(),
           form.names())
    page = c.s.submit(form, [("text", ""), ("identity", LATER * 500)])
    t.check("too long: it comes back", page.status == 422 and
            "identity" in page.invalid, (page.status, page.invalid))
    page = c.s.submit(form, [("text", "Nomor baru saya."),
                             ("identity", LATER)])
    t.check("it is taken with the message", page.page == "sent",
            (page.status, page.error))
    c.hear()
    view = office.opened(t, c.i, INSPECTORATE, c.case)
    t.check("the message came, the identity did not", "Nomor baru saya." in
            office.texts(view) and LATER not in json.dumps(view), view)
    t.check("the message is checked in full", all(
        m["checked"] for m in view["messages"]), view)
    old, new = c.sealed()
    t.check("the first is the first still", old == c.first)
    c.nobody_has("a later identity", but=[(KEEPER, old)])
    got = c.peluit("the custodian opens what was agreed", KEEPER, "identity",
                   "open", c.case)
    t.equal("one alone", (len(got.get("identities", [])),
                          got.get("not_covered")), (1, 1))
    asked(c, "for the later one")
    t.check("the source agrees to that too", c.s.consent(True).page == "sent")
    c.hear()
    got = c.peluit("and it is opened", KEEPER, "identity", "open", c.case)
    t.check("both", MARK in str(got.get("identities")) and LATER in
            str(got.get("identities")), got)
    c.nobody_has("both opened", but=[(KEEPER, old), (KEEPER, new)])


def stock_age(c):
    """What the custodian keeps is an age file like any other."""
    t, i = c.t, c.i
    home = os.path.join(i.dir, "people", KEEPER)
    with open(os.path.join(i.dir, "people", "passphrase")) as f:
        passphrase = f.readline().rstrip("\n")
    folder = t.folder()
    identity = os.path.join(folder, "identity")
    with open(identity, "wb") as f:
        f.write(age_with_passphrase(os.path.join(home, "identity.age"),
                                    passphrase))
    kept = office.vault(i, KEEPER)
    t.equal("the custodian keeps the two identities, nothing else",
            sorted(kept), sorted(c.sealed()))
    said = []
    for path in kept.values():
        p = command(["age", "-d", "-i", identity, path])
        t.check("stock age opens it", p.returncode == 0, p.stderr)
        m = json.loads(p.stdout)
        t.equal("an identity of this case", (m["peluit"], m["case"]),
                ("identity/v1", c.case))
        said.append(m["fields"]["identity"])
    t.check("as the source wrote them", sorted(said) ==
            sorted(["Sari, 0812. " + MARK, LATER]), said)
    other = os.path.join(i.dir, "people", INSPECTORATE)
    with open(identity, "wb") as f:
        f.write(age_with_passphrase(os.path.join(other, "identity.age"),
                                    passphrase))
    p = command(["age", "-d", "-i", identity, next(iter(kept.values()))])
    t.check("not sealed to an investigator", p.returncode != 0)
    os.unlink(identity)


def damaged(c):
    """A file of the vault that was altered is not shown, but brought again."""
    t = c.t
    path = office.vault(c.i, KEEPER)[c.first]
    harness.flip(path, -20)
    got = c.peluit("an altered file", KEEPER, "identity", "open", c.case,
                   want=1)
    t.check("is named and not shown", got.get("code") == "damaged" and
            MARK not in json.dumps(got), got)
    got = c.peluit("it is brought again", KEEPER, "identity", "open", c.case)
    t.check("and opens", MARK in str(got.get("identities")), got)


def enough(c):
    """Who has said no three times is not asked any more; who left no
    identity is never asked."""
    t, i = c.t, c.i
    c.s = i.source()
    c.s.send("Laporan kedua.", channel="inspektorat")
    c.s.noted()
    i.close_epoch()
    office.fetch(t, i, INSPECTORATE)
    known, c.case = c.case, [x["case"] for x in office.cases(
        i, INSPECTORATE) if x["case"] != c.case][0]
    c.act(INSPECTORATE, "ASK", None, (409,), "no_identity",
          "no identity to ask for")
    form = c.s.get("/surat").form(tail="/surat/tulis")
    t.check("an identity alone is a message too", c.s.submit(form, [
        ("identity", "Budi")]).page == "sent")
    for n in range(3):
        c.act(INSPECTORATE, "ASK", None, (200,), what="question %d" % n)
        t.check("no, %d" % n, c.s.consent(False).page == "sent")
        i.close_epoch()
    c.act(INSPECTORATE, "ASK", None, (409,), "refused",
          "a question too many")
    c.case = known


def main(t):
    with t.instance() as i:
        c = Case(t, i)
        for what, does in (
                ("reported", reported), ("refused", refused),
                ("agreed", agreed), ("with a later message", later),
                ("stock age", stock_age), ("damaged", damaged),
                ("enough", enough)):
            with t.part(what):
                does(c)
        with t.part("the audit"):
            i.close_epoch()
            a = Audit(t, i)
            rc, found = a.codes("full")
            t.check("an audit of all of it passes", rc == 0, (rc, found))
        i.still_well(c.code, "all of it")
        i.stop()
        search_checked(t, "the identity is in no folder",
                       [i.dir, os.environ["TMPDIR"]], [MARK, LATER],
                       [("stderr", "\n".join(i.errors))])


harness.run(main)

"""What one circuit may do at a time and in an hour, over a socket: it goes
over and is told so, and at that moment another circuit is served the same."""
import os
import urllib.parse

import harness
from load_kit import behind
from slow import SlowPost
from source import Part

MINE, OTHER = 0x51a70001, 0x51a70002


def over(t, what, page, kept="no"):
    t.check(what + ": 429, and when to try again",
            page.status == 429 and page.error == "circuit" and
            page.kept == kept and
            int(page.headers.get("retry-after", "0")) > 0,
            (page.status, page.error, page.kept, page.headers))


def signed_in(i, circuit):
    """A source on this circuit, whose report came by another one: nothing is
    spent of its own."""
    s = i.source()
    s.send("Laporan untuk batas sirkuit.")
    s.noted()
    s.circuit = circuit
    return s


def via(s, i):
    """The same session by another circuit."""
    other = i.source()
    other.cookies = s.cookies
    return other


def junk(kib=64):
    return Part("sampah.bin", os.urandom(kib << 10))


def uploads(t):
    with behind(t, circuit_uploads=2) as i, t.part("uploads at a time"):
        i.start()
        s = signed_in(i, MINE)
        held = [SlowPost(s, [junk()]) for _ in range(2)]
        for p in held:
            p.upto(len(p.data) - 100)
        good = signed_in(i, OTHER)
        over(t, "a third upload at a time", s.add([junk()]))
        t.equal("another circuit's upload is taken",
                good.add([junk()]).status, 200)
        t.equal("the two that ran are taken",
                [p.answer().status for p in held], [200, 200])
        t.equal("then one more is", s.add([junk()]).status, 200)


def mib(t):
    with behind(t, circuit_mib=3) as i, t.part("bytes in an hour"):
        i.start()
        s, good = signed_in(i, MINE), signed_in(i, OTHER)
        t.equal("two MiB of three", s.add([junk(2048)]).status, 200)
        over(t, "two MiB more", s.add([junk(2048)]))
        t.equal("another circuit may send as much",
                good.add([junk(2048)]).status, 200)
        t.equal("pages are not bytes sent", s.get("/surat").status, 200)
        t.equal("by another circuit the rest is taken",
                via(s, i).add([junk(2048)]).status, 200)


def writes(t):
    with behind(t, circuit_writes=2) as i, t.part("messages in an hour"):
        i.start()
        s, good = signed_in(i, MINE), signed_in(i, OTHER)
        t.equal("two are taken", [s.reply("Satu.").status,
                                  s.add([junk()]).status], [200, 200])
        page = s.reply("Kata yang ketiga.")
        over(t, "a third message", page)
        t.check("its text comes back", "Kata yang ketiga." in page.html)
        over(t, "a file", s.add([junk()]))
        t.equal("another circuit's message is taken",
                good.reply("Dari yang lain.").status, 200)
        t.equal("who is over may read", s.get("/surat").page, "inbox")
        t.equal("and by another circuit write",
                via(s, i).reply("Kata yang ketiga.").status, 200)
        t.equal("and leave", s.leave().status, 200)


def requests(t):
    with behind(t, circuit_requests=12) as i, t.part("requests in an hour"):
        i.start()
        s, good = i.source(circuit=MINE), i.source(circuit=OTHER)
        form = s.open_form()
        filled = s.fill(form, "Yang ditulis sebelum batas.")
        t.equal("eleven pages", {s.get("/").status for _ in range(11)},
                {200})
        over(t, "one more", s.get("/"))
        s.page = None
        page = s.request("POST", form.action, encode(form, filled), {
            "Content-Type": "application/x-www-form-urlencoded"})
        over(t, "a form", page)
        t.check("its text comes back",
                "Yang ditulis sebelum batas." in page.html)
        t.equal("another circuit gets its page", good.get("/").status, 200)
        good.send("Laporan dari sirkuit lain.")
        t.equal("and its report in", len(good.receipt), 9)


def encode(form, values):
    names = {k for k, _ in values}
    return urllib.parse.urlencode(
        [p for p in form.defaults() if p[0] not in names] + values).encode()


def drafts(t):
    """A draft is kept nowhere; what it costs, an Argon2id when "I saw no
    code" is pressed, counts as a report."""
    with behind(t, circuit_reports=2) as i, t.part("drafts in an hour"):
        i.start()
        s, good = i.source(circuit=MINE), i.source(circuit=OTHER)
        for who in (s, good):
            who.open_form()
            who.draft = who.page.form(tail="/tulis/kode")
        t.need("the form offers it", s.draft is not None, s.page.forms)
        got = [s.submit(s.draft, follow=False) for _ in range(3)]
        t.check("two drafts are looked for",
                all(p.status != 429 for p in got[:2]),
                [p.status for p in got])
        over(t, "a third", got[2])
        t.check("another circuit's is looked for",
                good.submit(good.draft, follow=False).status ==
                got[0].status, good.page.status)


def main(t):
    uploads(t)
    mib(t)
    writes(t)
    requests(t)
    drafts(t)


harness.run(main)

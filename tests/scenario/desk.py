"""From report to answer and back: a source, two officers, one answer, one
message and one file; who is not addressed sees nothing."""
import os

import harness
import office
from harness import INSPECTORATE, OUTSIDE, Part, search_checked

MARK = "tanda-Kq7vXz03pWmRb5"


def main(t):
    with t.instance() as i:
        with t.part("a report"):
            s = i.source()
            form = s.open_form()
            t.check("recipients are shown", s.page.recipients)
            t.check("both channels are offered", {"inspektorat", "luar"} <=
                    set(form.options("channel")), form.options("channel"))
            s.send("Uang rokok untuk panitia. " + MARK,
                   channel="inspektorat", category="suap",
                   fields=[("who", "Kepala pasar"), ("where", "Pasar Gede")])
            code = " ".join(s.receipt)
            s.noted()
        with t.part("before the epoch's end"):
            office.fetch(t, i, INSPECTORATE, "fetch before the epoch's end")
            t.equal("nothing is delivered before the epoch's end",
                    office.cases(i, INSPECTORATE), [])
        i.close_epoch()
        with t.part("after it"):
            office.fetch(t, i, INSPECTORATE)
            case = office.only_case(t, i, INSPECTORATE)
            view = office.opened(t, i, INSPECTORATE, case)
            r = office.report(view)
            t.check("the text as it was sent", MARK in r["text"], r)
            t.check("the fields", "Pasar Gede" in str(view), view)
            office.fetch(t, i, OUTSIDE, "fetch by who is not addressed")
            t.equal("who is not addressed sees no trace",
                    office.cases(i, OUTSIDE), [])
        with t.part("an answer"):
            office.reply(t, i, INSPECTORATE, case, "Terima kasih. Siapa "
                         "yang menerima? " + MARK, "--status", "NEED_INFO")
            page = s.get("/surat")
            t.equal("the status changed", page.case_status, "NEED_INFO")
            t.equal("one answer", len(page.answers), 1)
            t.check("as it was written", MARK in page.answers[0]["text"],
                    page.answers)
            t.check("the source's own text is not shown back",
                    "Uang rokok" not in page.html)
        with t.part("a message and a file back"):
            page = s.reply("Bendahara. " + MARK)
            t.check("the message is taken", page.status == 200 and
                    not page.error, (page.status, page.error))
            data = ("%PDF-1.4 " + MARK).encode() * 3000
            page = s.add([Part("bukti 1.pdf", data, kind="application/pdf")])
            t.check("the file is taken", page.status == 200 and
                    not page.error, (page.status, page.error))
        i.close_epoch()
        with t.part("fetched again"):
            office.fetch(t, i, INSPECTORATE)
            save = os.path.join(i.top, "saved")
            view = office.opened(t, i, INSPECTORATE, case, save)
            t.check("the message", any("Bendahara" in x for x in
                                       office.texts(view)), view)
            t.check("the own answer", any("Siapa yang menerima" in x for x in
                                          office.texts(view)), view)
            saved = [os.path.join(d, f) for d, _, fs in os.walk(save)
                     for f in fs]
            found = False
            for path in saved:
                with open(path, "rb") as f:
                    found = found or f.read() == data
            t.check("the file, byte for byte", found, saved)
            # A folder's name is bytes; what is shown of it is text.
            odd = os.path.join(i.top, "lama\udce9")
            view = office.opened(t, i, INSPECTORATE, case, odd)
            t.check("into a folder whose name is no UTF-8", any(
                a["path"].startswith(os.path.join(i.top, "lama"))
                for m in view["messages"] for a in m.get("attachments", ())),
                view)
            t.equal("it is there", len(os.listdir(odd)), 1)
        with t.part("a status and a deletion"):
            p = i.peluit(INSPECTORATE, "status", case, "REVIEW")
            t.check("a status", p.returncode == 0, p.stdout + p.stderr)
            s = i.source("en")
            page = s.login(code)
            t.equal("in English too", page.case_status, "REVIEW")
            answer = [a["id"] for a in page.answers if MARK in a["text"]]
            page = s.delete(answer[0])
            t.check("an answer is deleted", page.status == 200 and
                    not page.error, (page.status, page.error))
            page = s.get("/surat")
            t.check("and is gone", MARK not in page.html)
        with t.part("who accuses the Inspectorate"):
            s2 = i.source()
            # Even if the Inspectorate's own channel was left chosen.
            s2.send("Terlapor di Inspektorat.", about="yes",
                    channel="inspektorat")
            i.close_epoch()
            office.fetch(t, i, INSPECTORATE)
            office.fetch(t, i, OUTSIDE)
            t.equal("the Inspectorate's officer still has one case",
                    len(office.cases(i, INSPECTORATE)), 1)
            other = office.only_case(t, i, OUTSIDE)
            view = office.opened(t, i, OUTSIDE, other)
            t.check("the other opens it", "Terlapor di Inspektorat." in
                    office.report(view)["text"])
        with t.part("what is left"):
            p = i.peluit(INSPECTORATE, "fetch")
            t.check("fetching again brings nothing", p.returncode == 0,
                    p.stdout + p.stderr)
            p = i.peluit(INSPECTORATE, "open", "ZZZZ-ZZZZ")
            t.check("an unknown case is answer no", p.returncode == 1 and
                    p.json and p.json["ok"] is False, (p.returncode,
                                                       p.stdout))
            p = i.peluit("nobody", "list")
            t.check("no home: it says so", p.returncode not in (0, 139) and
                    p.json and p.json["ok"] is False, p.stdout)
            i.still_well(code)
        i.stop()
        homes = [os.path.join(i.dir, "people", n)
                 for n in os.listdir(os.path.join(i.dir, "people"))]
        search_checked(
            t, "nothing in the clear in the data folder",
            [i.dir, os.environ["TMPDIR"]], [MARK, code],
            [("stderr", "\n".join(i.errors))])
        t.check("the homes were searched too", homes)


harness.run(main)

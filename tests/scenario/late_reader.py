"""An officer who came after a report, and reads what its source sends since:
the case comes whole, what is older stays sealed, and nothing else is held up."""
import json
import os

import harness
import office
from harness import INSPECTORATE
from signer import Desk

NEW = "petugas-8"


def objects(i, new):
    """What the newcomer's key is given of each object of the first case."""
    feed = json.loads(Desk(i, INSPECTORATE).call(
        "GET", "/v1/feed", "?after=0")[2])
    return {x["kind"]: {new.call("GET", "/v1/objects/%s/%s" % (o["id"], k))[0]
                        for k in ("h", "0")}
            for x in feed for o in x["objects"]}


def main(t):
    with t.instance() as i:
        s = i.source()
        with t.part("a report before, a message after"):
            s.send("Laporan pertama.", channel="inspektorat")
            s.noted()
            i.close_epoch()
            office.fetch(t, i, INSPECTORATE)
            case = office.only_case(t, i, INSPECTORATE)
            office.reply(t, i, INSPECTORATE, case, "Terima kasih.")
            office.newcomers(t, i, "investigator", ((NEW, "inspektorat"),))
            i.close_epoch()
            i.close_epoch()
            new = Desk(i, NEW)
            t.equal("nothing yet", json.loads(new.call(
                "GET", "/v1/feed", "?after=0")[2]), [])
            p = s.submit(s.get("/surat").form(tail="/surat/tulis"),
                         [("text", "Kabar baru.")])
            t.need("the message is kept", p.page == "sent", p.text)
            i.close_epoch()
        with t.part("the newcomer"):
            office.fetch(t, i, NEW)
            t.equal("the case is there", office.only_case(t, i, NEW), case)
            view = office.opened(t, i, NEW, case)
            t.equal("from its first event, each root checked",
                    [(m["kind"], m["seq"], m["checked"])
                     for m in view["messages"]],
                    [("report", 0, True), ("reply", 2, False),
                     ("message", 3, True)])
            t.equal("the new message alone can be read",
                    office.texts(view), ["Kabar baru."])
            got = objects(i, new)
            t.equal("what is older is not handed out",
                    (got["report"], got["reply"]), ({404}, {404}))
            t.equal("what is newer is", got["message"], {200})
            text = os.path.join(i.top, "answer")
            with open(text, "w") as f:
                f.write("Halo.")
            p = i.peluit(NEW, "reply", case, "-f", text)
            t.equal("no answer without the report, and it says so",
                    (p.returncode, p.json and p.json["code"]),
                    (1, "no_report"))
            p = i.peluit(NEW, "status", case, "VERIFYING")
            t.check("a status by the newcomer", p.returncode == 0,
                    p.stdout + p.stderr)
        with t.part("what comes then"):
            other = i.source()
            other.send("Laporan kedua.", channel="inspektorat")
            other.noted()
            i.close_epoch()
            for label in (NEW, INSPECTORATE):
                office.fetch(t, i, label, "fetch later")
                t.equal("two cases in the list of " + label,
                        len(office.cases(i, label)), 2)


harness.run(main)

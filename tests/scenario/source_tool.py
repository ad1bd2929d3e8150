"""tests/tools/source, the source on the command line."""
import json
import os

import harness
import office
from harness import INSPECTORATE


def main(t):
    tool = os.path.join(harness.ROOT, "tests", "tools", "source")
    with t.instance() as i:
        def run(what, *args, ok=True, lang="id", input=None):
            p = harness.command([tool, "--base", i.sock["source"], "--lang",
                                 lang, *args], input=input)
            try:
                out = json.loads(p.stdout)
            except ValueError:
                out = {}
            t.check(what, out.get("ok") is ok and
                    p.returncode == (0 if ok else 1), p.stdout + p.stderr)
            return out
        path = os.path.join(t.folder(), "bukti.txt")
        with open(path, "w") as f:
            f.write("isi bukti\n" * 100)
        out = run("send", "send", "--what", "-", "--category", "suap",
                  "--channel", "inspektorat", "--field", "who=Bendahara",
                  "--file", path, input=b"Laporan dari baris perintah.")
        code = out["code"]
        t.equal("nine words", len(out["receipt"]), 9)
        t.equal("login", run("login", "login", code)["page"], "inbox")
        run("consent, but nobody asked", "consent", code, "yes", ok=False)
        run("reply", "reply", code, "--text", "Tambahan.", "--identity",
            "Sari")
        run("add", "add", code, "--file", path, lang="en")
        i.close_epoch()
        office.fetch(t, i, INSPECTORATE)
        case = office.only_case(t, i, INSPECTORATE)
        view = office.opened(t, i, INSPECTORATE, case)
        t.check("all of it arrived", all(
            w in str(view) for w in ("Laporan dari baris perintah.",
                                     "Bendahara", "Tambahan.",
                                     "bukti.txt")), view)
        p = i.peluit(INSPECTORATE, "identity", "ask", case)
        t.check("the officer asks", p.returncode == 0, p.stdout + p.stderr)
        run("consent", "consent", code, "no")
        run("consent", "consent", code, "yes", lang="en")
        office.reply(t, i, INSPECTORATE, case, "Baik.")
        out = run("read", "read", code)
        t.check("the answer", "Baik." in str(out["answers"]), out)
        run("delete", "delete", code, "--answer", out["answers"][0]["id"])
        out = run("read again", "read", code)
        t.check("it is gone", "Baik." not in str(out["answers"]), out)
        out = run("a wrong code", "login", " ".join([code.split()[0]] * 9),
                  ok=False)
        t.equal("is told", (out["status"], out["error"]), (401, "code"))
        out = run("an empty report", "send", "--what", "", ok=False)
        t.equal("is told too", out["status"], 422)
        run("leave", "leave", code)
        i.still_well(code)


harness.run(main)

"""A desk that is cut off: fetch goes on at its last whole block, an answer
that could not be sent is sent once, and nothing is told to the server before
it is saved."""
import contextlib
import os
import subprocess

import harness
import office
from harness import INSPECTORATE, Part, wait_for

SIZE = 48 * 1024 * 1024
BLOCK = 1024 * 1024 - 16


def parts(i):
    top = os.path.join(i.dir, "people", INSPECTORATE, "vault")
    return [os.path.join(d, f) for d, _, files in os.walk(top)
            for f in files if f.endswith(".part")]


def interrupted_fetch(i):
    """Kills a fetch once it has some blocks of a file; their bytes."""
    p = subprocess.Popen([*i.desk(INSPECTORATE), "fetch"], env=i.env,
                         stdout=subprocess.DEVNULL,
                         stderr=subprocess.DEVNULL)

    def some():
        if p.poll() is not None:
            return True
        for f in parts(i):
            # A small one has its name by now.
            with contextlib.suppress(FileNotFoundError):
                if os.path.getsize(f) > 3 * BLOCK:
                    return True
        return False
    wait_for("some blocks", 60, some)
    p.kill()
    p.wait()
    left = parts(i)
    return os.path.getsize(left[0]) if left else 0


def main(t):
    with t.instance() as i:
        s = i.source()
        s.open_form()
        s.send("Ada berkas besar.", channel="inspektorat")
        s.noted()
        data = os.urandom(SIZE)
        with t.part("a large file"):
            page = s.add([Part("rekaman.bin", data,
                               kind="application/octet-stream")])
            t.check("it is taken", page.status == 200 and not page.error,
                    (page.status, page.error))
        i.close_epoch()
        with t.part("a fetch that is killed"):
            have = interrupted_fetch(i)
            t.check("it was killed in the middle", have > BLOCK, have)
            got = office.fetch(t, i, INSPECTORATE, "the next fetch")
            t.check("goes on where it stopped",
                    got["bytes"] < SIZE + 2 * BLOCK - (have - BLOCK),
                    (got, have))
            t.equal("no part is left", parts(i), [])
            case = office.only_case(t, i, INSPECTORATE)
            save = os.path.join(i.top, "saved")
            view = office.opened(t, i, INSPECTORATE, case, save)
            files = [a for m in view["messages"]
                     for a in m.get("attachments", [])]
            with open(files[0]["path"], "rb") as f:
                t.check("the file is whole", f.read() == data)
        with t.part("an answer while the server is away"):
            i.stop()
            path = os.path.join(i.top, "text")
            with open(path, "w") as f:
                f.write("Jawaban yang tertunda.")
            p = i.peluit(INSPECTORATE, "reply", case, "-f", path)
            t.equal("it is said", (p.returncode, p.json["code"]), (1, "net"))
            i.start()
            office.fetch(t, i, INSPECTORATE, "the fetch that sends it")
            office.fetch(t, i, INSPECTORATE, "and one more")
            i.close_epoch()
            office.fetch(t, i, INSPECTORATE)
            view = office.opened(t, i, INSPECTORATE, case)
            t.equal("it was sent once",
                    office.texts(view).count("Jawaban yang tertunda."), 1)
            box = os.path.join(i.dir, "people", INSPECTORATE, "outbox")
            t.equal("nothing waits any more", os.listdir(box), [])
        with t.part("saved is told once"):
            def told():
                p = i.peluitd("status", i.dir, "--json")
                return p.returncode == 0
            t.check("the server is well", told())
            ex = os.path.join(i.top, "ex")
            for _ in range(2):
                i.close_epoch()
                office.fetch(t, i, INSPECTORATE)
            p = i.peluit(INSPECTORATE, "export", case, ex)
            t.equal("export", p.returncode, 0)
            events = []
            for name in sorted(os.listdir(os.path.join(ex, "events"))):
                with open(os.path.join(ex, "events", name)) as f:
                    events.append(f.read())
            kinds = [line for e in events for line in e.split("\n")
                     if line.startswith("kind ")]
            first = kinds.index("kind access")
            t.check("what was saved is told after it came",
                    "kind message" in kinds[:first], kinds)
            # told after the first fetch, and after the reply came back
            t.check("and not again for itself",
                    kinds.count("kind access") <= 2, kinds)
            p = subprocess.run(["sha256sum", "-c", "--quiet", "SHA256SUMS"],
                               cwd=ex, stdout=subprocess.PIPE)
            t.equal("the export's sums", p.returncode, 0)


harness.run(main)

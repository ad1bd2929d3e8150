"""The main job on real input, by a real browser without scripts."""
import hashlib
import os
import time

import harness
import material
import office
from browser import Browser
from harness import INSPECTORATE, age_with_passphrase, command, \
    search_checked

MARK = "penanda-9QwzL4hVt8nXc2yR"
VIDEO = 200 * 1000 * 1000


def files(folder):
    made = {
        "surat perintah.pdf": material.pdf(MARK),
        "foto ꦧꦸꦏ꧀ꦠꦶ.jpg": material.jpeg(MARK),
        "notulen \"rapat\".docx": material.docx(MARK),
    }
    for name, data in made.items():
        with open(os.path.join(folder, name), "wb") as f:
            f.write(data)
    material.video(os.path.join(folder, "rekaman.mp4"), MARK, VIDEO)
    return [os.path.join(folder, n) for n in [*made, "rekaman.mp4"]]


def sum_of(path):
    h = hashlib.sha256()
    with open(path, "rb") as f:
        for b in iter(lambda: f.read(1 << 20), b""):
            h.update(b)
    return h.hexdigest()


def by_browser(t, i, folder, paths):
    """Sends everything; the words of the receipt."""
    base = "http://127.0.0.1:%s" % i.sock["source"].rpartition(":")[2]
    with Browser(folder) as b:
        b.open(base + "/")
        t.equal("the home page", b.page(), "home")
        b.open(base + "/tulis")
        t.equal("the form", b.page(), "form")
        b.type("textarea[name=what]", material.text(MARK))
        b.tick("input[name=channel][value=inspektorat]")
        b.tick("input[name=goodfaith]")
        b.click("form[action$='/tulis'] button")
        t.need("the receipt", b.page() == "receipt", b.source()[-3000:])
        words = b.texts("#receipt li")
        t.equal("nine words", len(words), 9)
        b.click("form[action$='/surat/dicatat'] button")
        b.open(base + "/surat")
        t.equal("the inbox", b.page(), "inbox")
        began = time.monotonic()
        b.files("input[type=file][name=file]", paths)
        b.click("form[action$='/surat/berkas'] button")
        t.check("the evidence is taken", b.page() in ("sent", "inbox") and
                "data-error" not in b.source(), b.source()[-3000:])
        print("  200 MB by the browser: %.1f s" % (time.monotonic() - began))
        b.open(base + "/surat")
        b.click("form[action$='/keluar'] button")
        b.open(base + "/surat")
        t.check("signed out", b.page() != "inbox", b.page())
    return words


def stock_age(t, i, want):
    """Every object of the vault by age alone; the files found among them."""
    home = os.path.join(i.dir, "people", INSPECTORATE)
    with open(os.path.join(i.dir, "people", "passphrase")) as f:
        passphrase = f.readline().rstrip("\n")
    opened = t.folder()
    identity = os.path.join(opened, "identity")
    with open(identity, "wb") as f:
        f.write(age_with_passphrase(os.path.join(home, "identity.age"),
                                    passphrase))
    objects = office.vault(i, INSPECTORATE)
    t.check("the vault holds the objects", len(objects) >= 5, objects)
    left = dict(want)
    manifests = 0
    for oid, path in objects.items():
        out = os.path.join(opened, oid)
        p = command(["age", "-d", "-i", identity, "-o", out, path])
        if not t.check("stock age opens %s" % oid, p.returncode == 0,
                       p.stderr):
            continue
        with open(out, "rb") as f:
            head = f.read(1)
        if head == b"{":
            q = command(["jq", "-r", ".peluit,.text", out])
            manifests += q.returncode == 0 and \
                q.stdout.startswith("manifest/v1\n")
            os.unlink(out)
            continue
        for name, (size, total) in list(left.items()):
            if os.path.getsize(out) >= size:
                h = hashlib.sha256()
                with open(out, "rb") as f:
                    rest = size
                    while rest:
                        b = f.read(min(rest, 1 << 20))
                        h.update(b)
                        rest -= len(b)
                    tail = f.read()
                if h.hexdigest() == total and not tail.strip(b"\0"):
                    del left[name]
                    break
        os.unlink(out)
    t.check("stock age and head give every file back", not left, left)
    t.check("the manifests are JSON", manifests >= 2, manifests)


def main(t):
    browser = t.folder()
    real = t.folder()
    with t.instance(tcp=True) as i:
        paths = files(real)
        words = by_browser(t, i, browser, paths)
        code = " ".join(words)
        i.close_epoch()
        with t.part("fetched and opened"):
            office.fetch(t, i, INSPECTORATE)
            case = office.only_case(t, i, INSPECTORATE)
            save = t.folder()
            view = office.opened(t, i, INSPECTORATE, case,
                                 os.path.join(save, "out"))
            got = office.report(view)["text"].replace("\r\n", "\n")
            t.equal("the text in three scripts", got.strip(),
                    material.text(MARK))
            want = {os.path.basename(p): (os.path.getsize(p), sum_of(p))
                    for p in paths}
            saved = [sum_of(os.path.join(d, f))
                     for d, _, fs in os.walk(save) for f in fs]
            for name, (_, total) in want.items():
                t.check("byte for byte: " + name, total in saved)
                t.check("its SHA-256 is shown: " + name, total in str(view))
                # A name is made safe for a folder, and stays readable.
                stem = name.split(".")[0].split(' "')[0].replace(" ", "_")
                t.check("its name came through: " + name,
                        stem in str(view), view)
            office.reply(t, i, INSPECTORATE, case, "Diterima. " + MARK,
                         "--status", "VERIFYING")
            s = i.source()
            page = s.login(code)
            t.check("the answer is there", any(MARK in a["text"] for a in
                                               page.answers), page.answers)
            t.equal("the status", page.case_status, "VERIFYING")
        with t.part("stock age"):
            stock_age(t, i, want)
        i.still_well(code)
        i.stop()
        # What the office saved by its own wish is plain, and stands apart.
        search_checked(
            t, "nothing in the clear in data folder, output, temporary "
            "folders", [i.dir, os.environ["TMPDIR"]],
            [MARK, code, "rekaman.mp4", "surat perintah"],
            [("stderr", "\n".join(i.errors))])


harness.run(main)

"""What lies on the disk: ciphertext only; deleted is gone; a backup holds
neither secrets nor what was deleted; damage is found."""
import json
import mmap
import os
import shutil

import harness
import office
from harness import INSPECTORATE, Part, search, search_checked

MARK = "petunjuk-7TbYw2Kd9ZsQ4mHe"
STORE = "data.mdb"


def payload_of(path):
    """Bytes of an age file behind its header's MAC line."""
    with open(path, "rb") as f:
        data = f.read()
    end = data.index(b"\n", data.index(b"\n--- ") + 1) + 1
    return data[:end], data[end:]


def stored_at(store, piece):
    with open(store, "rb") as f, \
            mmap.mmap(f.fileno(), 0, access=mmap.ACCESS_READ) as m:
        return m.find(piece)


def the_store(i):
    return os.path.join(i.dir, "store", STORE)


def evidence(t, i, s):
    """A file of two blocks, fetched; (case, object's path in the vault)."""
    data = os.urandom(100) + MARK.encode() * 60000
    s.add([Part("berkas.bin", data)])
    i.close_epoch()
    office.fetch(t, i, INSPECTORATE)
    case = office.only_case(t, i, INSPECTORATE)
    objects = office.vault(i, INSPECTORATE)
    big = max(objects.values(), key=os.path.getsize)
    return case, big


def times(t, i):
    with t.part("no time finer than the epoch"):
        start = i.now // 60 * 60

        signer = os.path.join(i.dir, "signer")
        for path in (the_store(i), signer, os.path.join(signer, "state")):
            def coarse():
                m = os.stat(path).st_mtime
                return m % 60 == 0 and m <= start + 60
            # a tick's commit may be under way: it is set behind each
            harness.wait_for("the modification time of %s to be an epoch's "
                             "start" % path, 10, coarse)
        t.check("the store's and the signer's are an epoch's start", True)


def answer_deleted(t, i, code, case):
    """An answer that its source deletes: its header for the source goes."""
    office.reply(t, i, INSPECTORATE, case, "Jawaban. " + MARK)
    s = i.source()
    page = s.login(code)
    answer = page.answers[-1]["id"]
    s.delete(answer)
    page = s.get("/surat")
    t.check("a deleted answer is not shown", MARK not in page.html)
    i.stop()
    i.start()
    page = i.source().login(code)
    t.check("nor after a restart", MARK not in page.html)


def tree(folder):
    return {os.path.relpath(os.path.join(d, f), folder)
            for d, _, fs in os.walk(folder) for f in fs}


def backup(t, i, code, piece):
    with t.part("a backup"):
        out = os.path.join(t.folder(), "b")
        p = i.peluitd("backup", i.dir, out)
        t.need("beside the running server", p.returncode == 0,
               p.stdout + p.stderr)
        have = tree(out)
        t.check("it has the store, the public files and the config",
                any(f.startswith("store/") for f in have) and
                any(f.startswith("public/") for f in have) and
                "peluit.conf" in have, have)
        t.check("it has no secrets and no signer",
                not any(f.startswith(("secrets", "signer", "people"))
                        for f in have), have)
        secret = []
        for n in os.listdir(os.path.join(i.dir, "secrets")):
            with open(os.path.join(i.dir, "secrets", n), "rb") as f:
                secret.append(f.read().strip().split(b"\n")[-1])
        t.check("no key of secrets/ is in it", len(secret) >= 5 and
                not search([out], secret), have)
        t.check("it has the sealed evidence",
                stored_at(os.path.join(out, "store", STORE), piece) >= 0)
        again = i.peluitd("backup", i.dir, out)
        t.check("it never overwrites", again.returncode != 0)
        # Put back beside the secrets, it serves.
        other = harness.Instance(t, t.folder(), serve=False)
        for n in ("store", "public", "peluit.conf"):
            path = os.path.join(other.dir, n)
            shutil.rmtree(path) if os.path.isdir(path) else os.unlink(path)
        shutil.copytree(os.path.join(out, "store"),
                        os.path.join(other.dir, "store"))
        shutil.copytree(os.path.join(out, "public"),
                        os.path.join(other.dir, "public"))
        shutil.copy(os.path.join(out, "peluit.conf"), other.dir)
        shutil.rmtree(os.path.join(other.dir, "secrets"))
        shutil.copytree(os.path.join(i.dir, "secrets"),
                        os.path.join(other.dir, "secrets"))
        p = i.peluitd("check", other.dir)
        t.check("what was put back is whole", p.returncode == 0,
                p.stdout + p.stderr)


def damage(t, i, piece):
    """Flip bytes where we know that something stands; check must see it."""
    i.stop()
    whole = the_store(i) + ".whole"
    shutil.copy(the_store(i), whole)
    p = i.peluitd("check", i.dir)
    t.need("check is content before", p.returncode == 0, p.stdout + p.stderr)
    places = {"a block of evidence": stored_at(the_store(i), piece)}
    for name, at in places.items():
        t.need("found: " + name, at >= 0)
        harness.flip(the_store(i), at + 7)
        p = i.peluitd("check", i.dir)
        t.check("check finds damage in " + name, p.returncode == 1,
                (p.returncode, p.stdout, p.stderr))
        p = i.peluitd("check", i.dir, "--json")
        try:
            t.check("and says so in JSON", json.loads(p.stdout)["ok"] is
                    False, p.stdout)
        except ValueError:
            t.check("and says so in JSON", False, p.stdout)
        shutil.copy(whole, the_store(i))
    # Every page of the store in turn would take too long: some of them.
    size = os.path.getsize(whole)
    missed, tried = [], 0
    with open(whole, "rb") as f:
        pages = f.read()
    for page in range(2, size // 4096, max(1, size // 4096 // 24)):
        at = page * 4096 + 2000
        with open(the_store(i), "r+b") as f:
            f.seek(at)
            f.write(bytes(x ^ 0xa5 for x in pages[at:at + 16]))
        p = i.peluitd("check", i.dir)
        tried += 1
        if p.returncode not in (0, 1, 3):
            missed.append((page, p.returncode, p.stderr[-200:]))
        shutil.copy(whole, the_store(i))
    t.check("check never dies of damage (%d places)" % tried, not missed,
            missed)
    for n in ("secrets/at-rest.key", "public/roster/1", "public/log.vkey"):
        path = os.path.join(i.dir, n)
        with open(path, "rb") as f:
            was = f.read()
        mode = os.stat(path).st_mode
        with open(path, "wb") as f:
            f.write(was[:-20] + bytes([was[-20] ^ 1]) + was[-19:])
        p = i.peluitd("check", i.dir)
        t.check("check finds damage in " + n, p.returncode != 0,
                p.stdout)
        with open(path, "wb") as f:
            f.write(was)
        os.chmod(path, mode)
    i.start()


def retention(t):
    """A closed case goes after its days, with every byte of it."""
    with t.part("retention"):
        i = harness.Instance(t, t.folder(), demo=False)
        i.init("--demo", "--epoch-seconds", "86400")
        i.now = i.now // 86400 * 86400 + 90000
        i.set_clock(i.now)
        i.start()
        s = i.source()
        s.send("Akan dihapus. " + MARK)
        s.noted()
        code = " ".join(s.receipt)
        s.add([Part("x.bin", os.urandom(1 << 20))])
        i.close_epoch(seconds=86400)
        office.fetch(t, i, INSPECTORATE)
        case = office.only_case(t, i, INSPECTORATE)
        office.opened(t, i, INSPECTORATE, case)
        big = max(office.vault(i, INSPECTORATE).values(),
                  key=os.path.getsize)
        _, payload = payload_of(big)
        piece = payload[50000:50064]
        t.check("its block is on the disk", stored_at(the_store(i), piece) >=
                0)
        p = i.peluit(INSPECTORATE, "status", case, "CLOSED_UNPROVEN")
        t.check("closed", p.returncode == 0, p.stdout + p.stderr)
        i.close_epoch(seconds=86400)
        for _ in range(37):
            i.close_epoch(epochs=10, seconds=86400)

        def gone():
            return i.source().login(code).status == 401
        with t.part("gone after 365 days"):
            harness.wait_for("the deletion", 30, gone)
            t.check("its code opens nothing", True)
            harness.wait_for("the scrub", 30, lambda: stored_at(
                the_store(i), piece) < 0)
            t.check("its block is nowhere in the store", True)
        p = i.peluitd("check", i.dir)
        t.check("check is content", p.returncode == 0, p.stdout + p.stderr)
        i.stop()
        i.quiet()


def main(t):
    with t.instance() as i:
        s = i.source()
        s.send("Laporan. " + MARK, channel="inspektorat",
               fields=[("who", "Nama-" + MARK)])
        s.noted()
        code = " ".join(s.receipt)
        case, big = evidence(t, i, s)
        header, payload = payload_of(big)
        piece = payload[70000:70064]
        with t.part("sealed as fetched"):
            t.check("the payload stands in the store as age made it",
                    stored_at(the_store(i), piece) >= 0)
            t.check("the header does not stand beside it",
                    stored_at(the_store(i), header) < 0)
            t.check("no age header at all",
                    stored_at(the_store(i), b"age-encryption.org") < 0)
        with t.part("an answer deleted"):
            answer_deleted(t, i, code, case)
        times(t, i)
        backup(t, i, code, piece)
        search_checked(t, "nothing in the clear while it runs",
                       [i.dir, os.environ["TMPDIR"]],
                       [MARK, code, "berkas.bin"],
                       [("stderr", "\n".join(i.errors))])
        with t.part("nothing names a kind of browser or an address"):
            t.check("no address or agent in the store", not search(
                [os.path.join(i.dir, "store")],
                ["Mozilla/", "User-Agent", "127.0.0.1:"]))
        with t.part("damage"):
            damage(t, i, piece)
        i.still_well(code)
    retention(t)


harness.run(main)

"""A backup is copied back: the server notices, the mirror of the log lets it
go on without a fork, and what was lost is named in public."""
import os
import shutil

import audit_kit
import harness
import log_kit as log
from harness import INSPECTORATE


def main(t):
    with t.instance() as i:
        first = i.source()
        first.send("Sebelum cadangan dibuat.")
        first.noted()
        i.close_epoch()
        i.peluit(INSPECTORATE, "fetch")
        backup = os.path.join(t.folder(), "b")
        p = i.peluitd("backup", i.dir, backup)
        t.need("a backup is made", p.returncode == 0, p.stderr)
        second = i.source()
        second.send("Sesudah cadangan dibuat.")
        second.noted()
        i.close_epoch()
        i.peluit(INSPECTORATE, "fetch")
        third = i.source()
        held = log.evidence(third.send("Di epoch yang masih terbuka."))
        third.noted()
        _, note = log.checkpoint(i)
        mirror = log.mirror(t, i)
        i.stop()

        shutil.rmtree(os.path.join(i.dir, "store"))
        shutil.copytree(os.path.join(backup, "store"),
                        os.path.join(i.dir, "store"))
        p = i.peluitd("serve", i.dir, "--clock", i.clock_file, timeout=20)
        t.check("a store from a backup is not served", p.returncode == 3 and
                "restore" in p.stderr, p.stderr)
        with log.part(t, "bad mirrors"):
            short = os.path.join(t.folder(), "m")
            shutil.copytree(mirror, short)
            harness.flip(os.path.join(short, "tile", "entries", "001"), 100)
            p = i.peluitd("restore", i.dir, "--log", short)
            t.check("an altered mirror is refused", p.returncode == 3 and
                    ("root" in p.stderr or "history" in p.stderr), p.stderr)
            p = i.peluitd("restore", i.dir, "--log", backup)
            t.check("a folder that is no mirror is refused",
                    p.returncode == 3, p.stderr)
        p = i.peluitd("restore", i.dir, "--log", mirror)
        t.need("the mirror lets it go on", p.returncode == 0,
               p.stdout + p.stderr)
        i.start()
        i.close_epoch(2)
        log.sound(t, i, "after the restore", log.keep(t, note))
        status, text = i.get_log("/loss/1")
        t.check("what was lost is named in public", status == 200 and
                text.startswith(b"peluit-loss/v1 ") and
                text.count(b"\nleaf ") > 256, text[:60])
        ok, said = log.gocheck("promise", log.vkey(i, "promise"),
                               log.keep(t, held))
        n, at = divmod(said["index"], log.LEAVES)
        t.check("a promise for the open epoch is kept all the same", ok and
                log.entries(i, n)[at] ==
                log.base64.b64decode(said["commitment"]))
        a = audit_kit.Audit(t, i)
        rc, found = a.codes("full")
        t.check("the auditor sets aside what is named, and passes", rc == 0
                and "leaf_lost" in found, (rc, sorted(found)))
        again = i.source()
        again.send("Sesudah pemulihan.")
        again.noted()
        i.close_epoch()
        p = i.peluit(INSPECTORATE, "fetch")
        t.check("the desk hears of new reports", p.returncode == 0 and
                p.json.get("messages") == 1, p.stdout + p.stderr)
        i.still_well(" ".join(first.receipt))


harness.run(main)

"""peluit-audit as scenarios use it."""
import json
import os
import shutil

import harness
import log_kit as log


class Audit:
    """The auditor's own computer: the home goes with no instance."""

    def __init__(self, t, i, home=None, more_keys=()):
        self.t, self.i = t, i
        self.people = os.path.join(i.dir, "people")
        self.home = home or os.path.join(t.folder(), "auditor")
        if home is None:
            shutil.copytree(os.path.join(self.people, "auditor-1"), self.home)
            with open(os.path.join(i.dir, "public", "roster.vkey")) as f:
                keys = f.read().split() + list(more_keys)
            p = self.run("init", i.sock["log"], log.vkey(i), *keys, "--api",
                         i.sock["desk"])
            t.need("the auditor begins to follow", p.returncode == 0,
                   p.stdout + p.stderr)

    def run(self, *args):
        return harness.command([*self.argv(), "--json", *args])

    def argv(self):
        """argv of peluit-audit, up to the command."""
        return [os.path.join(harness.BUILD, "peluit-audit"), "--home",
                self.home, "--passphrase-file",
                os.path.join(self.people, "passphrase"), "--clock",
                self.i.clock_file]

    def codes(self, *args):
        """(exit status, codes of all findings)."""
        p = self.run(*args)
        try:
            said = json.loads(p.stdout)
        except ValueError:
            raise harness.Failed("audit: " + p.stdout + p.stderr)
        found = {f["code"] for f in said.get("findings", [])}
        if "code" in said and not said.get("ok"):
            found.add(said["code"])
        return p.returncode, found

    def copy(self, i):
        """The same auditor, who comes to another instance's address."""
        home = os.path.join(self.t.folder(), "auditor")
        shutil.copytree(self.home, home)
        return Audit(self.t, i, home)

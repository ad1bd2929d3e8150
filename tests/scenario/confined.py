"""What the running server and its signer may still do: the kernel's own word
for it, and a server that tries to start a program."""
import http.client
import os
import signal

import harness
from harness import FAULT


def status(pid):
    with open("/proc/%d/status" % pid) as f:
        return dict(line.rstrip("\n").split(":\t", 1) for line in f
                    if ":\t" in line)


def children(pid):
    with open("/proc/%d/task/%d/children" % (pid, pid)) as f:
        return [int(p) for p in f.read().split()]


def main(t):
    with t.part("the kernel's word"), t.instance() as i:
        signers = children(i.server.pid)
        t.equal("one signer", len(signers), 1)
        for what, pid in [("server", i.server.pid)] + \
                [("signer", p) for p in signers]:
            got = status(pid)
            t.equal(what + ": no new privileges", got["NoNewPrivs"], "1")
            t.equal(what + ": a filter of system calls", got["Seccomp"], "2")
            threads = os.listdir("/proc/%d/task" % pid)
            t.equal(what + ": in each thread", {status(int(n))["Seccomp"]
                                                for n in threads}, {"2"})
            with open("/proc/%d/limits" % pid) as f:
                core = [x for x in f if x.startswith("Max core file size")]
            t.equal(what + ": no core", core[0].split()[4:6], ["0", "0"])
        code = " ".join(i.source().send("Laporan.").receipt)
        i.still_well(code)
    with t.part("a server that was taken over"):
        i = t.instance(build=FAULT, env={"PELUIT_FAULT": "intake.2=exec"})
        try:
            i.source().send("Laporan.")
            t.check("it was not killed", False)
        except (OSError, http.client.HTTPException):
            pass
        i.server.wait(20)
        t.equal("killed for trying to start a program",
                i.server.returncode, -signal.SIGSYS)
        i.server = None


harness.run(main)

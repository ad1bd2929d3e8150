"""The sites of calls.c: a call of the machine together with who called it."""
import collections
import os
import struct
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, os.pardir, "scenario"))
import harness                  # noqa: E402

CALLS = os.path.join(harness.ROOT, "build", "fault", "calls.so")
# In the order of calls.c, with the ways in which each can fail.
HOW = {"alloc": ["enomem"], "map": ["enomem"], "lock": ["enomem"],
       "open": ["eio", "enomem"], "read": ["eio"],
       "write": ["enospc", "eio", "short"], "sync": ["eio", "enospc"],
       "rename": ["eio", "enospc"], "thread": ["enomem"]}
SLOTS = 16384           # of struct table


def environment(fault=None, counts=None, env=None, tests=None):
    """With calls.c preloaded: what shall fail, or where to count."""
    out = dict(env or os.environ, LD_PRELOAD=CALLS)
    for name, value in (("PELUIT_FAULT", fault), ("PELUIT_COUNT", counts),
                        ("PELUIT_TESTS", tests)):
        if value:
            out[name] = value
    return out


def read(path):
    """{(class, site): how often}; a class is "signer:..." of forked ones."""
    with open(path, "rb") as f:
        data = f.read()
    classes = [who + c for who in ("", "signer:") for c in HOW]
    if len(data) != len(classes) * SLOTS * 16:
        raise harness.Failed("the table of calls.c is another: %d bytes" %
                             len(data))
    return {(classes[k // SLOTS], site): n for k, (site, n) in
            enumerate(struct.iter_unpack("<QQ", data)) if site}


def count(argv, tests=None):
    """The sites that a command comes to when nothing fails."""
    fd, path = tempfile.mkstemp(prefix="plk")
    os.close(fd)
    try:
        p = subprocess.run(argv, stdin=subprocess.DEVNULL, timeout=600,
                           stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                           env=environment(counts=path, tests=tests))
        if p.returncode not in (0, 1):
            raise harness.Failed("%s: %s" % (argv, p.stderr[-500:]))
        return read(path)
    finally:
        os.unlink(path)


def faults(rng, counts, each=0):
    """["CLASS/SITE@N=HOW"]: every site in every way that it can fail, at its
    first call and at one of the later; or of each class at most ${each}."""
    by_class = collections.defaultdict(list)
    for (c, site), n in sorted(counts.items()):
        for how in HOW[c.split(":")[-1]]:
            for k in {1, rng.randint(1, n)}:
                by_class[c].append("%s/%x@%d=%s" % (c, site, k, how))
    return [f for some in by_class.values() for f in
            (some if not each or len(some) <= each else
             rng.sample(some, each))]

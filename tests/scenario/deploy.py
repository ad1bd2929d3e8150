"""What deploy/ gives a machine: units that systemd accepts and calls safe and
that forbid nothing that the programs need, a torrc that Tor accepts, a key to
an onion service that is one."""
import base64
import glob
import os
import re
import shutil

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

import harness
from harness import BUILD, ROOT, command

DEPLOY = os.path.join(ROOT, "deploy")
SAFE = 1.0      # of 10, the best of systemd's bands


def exposure(path):
    p = command(["systemd-analyze", "security", "--offline=true",
                 "--no-pager", path], env=dict(os.environ, LC_ALL="C.UTF-8"))
    m = re.search(r"exposure level for \S+: ([\d.]+)", p.stdout)
    return float(m.group(1)) if m else None


def here(folder, unit):
    """A unit whose programs are those of the build."""
    with open(unit) as f:
        text = f.read()
    text = text.replace("/usr/bin/peluit", BUILD + "/peluit").replace(
        "/usr/lib/peluit/job", os.path.join(DEPLOY, "job"))
    path = os.path.join(folder, os.path.basename(unit))
    with open(path, "w") as f:
        f.write(text)
    return path, text


def verify(folder, names):
    p = command(["systemd-analyze", "verify", "--man=no"] +
                [os.path.join(folder, n) for n in names])
    return p.returncode, [x for x in p.stderr.split("\n")
                          if x and ("peluit" in x or folder in x)]


def units(t):
    folder = t.folder()
    services = sorted(glob.glob(os.path.join(DEPLOY, "*.service")))
    timers = sorted(glob.glob(os.path.join(DEPLOY, "*.timer")))
    t.check("there are units", len(services) >= 3 and timers)
    for unit in services:
        name = os.path.basename(unit)
        path, text = here(folder, unit)
        got = exposure(unit)
        t.check("%s: exposure %s" % (name, got), got is not None and
                got <= SAFE, got)
        bare = os.path.join(t.folder(), name)
        with open(bare, "w") as f:
            f.write("\n".join(x for x in text.split("\n") if not re.match(
                "Protect|Private|Restrict|SystemCall|Capab", x)))
        t.check(name + ": without its options it would not be safe",
                exposure(bare) > SAFE, exposure(bare))
    for timer in timers:
        here(folder, timer)
    names = [os.path.basename(x).replace("@.", "@backup.")
             for x in services + timers]
    rc, said = verify(folder, names)
    t.check("systemd finds nothing wrong with them", rc == 0 and not said,
            said)
    wrong = os.path.join(folder, "peluit-wrong.service")
    with open(wrong, "w") as f:
        f.write("[Service]\nExecStart=/nowhere/program\nProtectHum=yes\n")
    rc, said = verify(folder, ["peluit-wrong.service"])
    t.check("it would find what is wrong", rc != 0 or said)


def calls_of(group):
    out = set()
    p = command(["systemd-analyze", "syscall-filter", group])
    for line in p.stdout.split("\n")[1:]:
        word = line.strip()
        if word.startswith("@"):
            out |= calls_of(word)
        elif word and not word.startswith("#"):
            out.add(word)
    return out


def allowed(text):
    """What a unit's filter lets through."""
    out = set()
    for line in re.findall("^SystemCallFilter=(.*)$", text, re.M):
        words = set()
        for w in line.lstrip("~").split():
            words |= calls_of(w) if w.startswith("@") else {w}
        out = out - words if line.startswith("~") else out | words
    return out


def calls(t):
    """The program's own list is within its unit's: else it is killed."""
    with open(os.path.join(ROOT, "sys", "sandbox.c")) as f:
        text = f.read()
    mine = set(re.findall(r"SCMP_SYS\((\w+)\)", text.split(
        "#ifdef PELUIT_FAULTS")[0]))
    with open(os.path.join(DEPLOY, "peluitd.service")) as f:
        unit = allowed(f.read())
    t.check("the list of the program is found", len(mine) > 40, mine)
    t.check("the unit allows it all", mine <= unit, sorted(mine - unit))
    start = {"landlock_create_ruleset", "landlock_add_rule",
             "landlock_restrict_self", "seccomp", "prlimit64", "clone3",
             "mlock", "socket", "bind", "listen"}
    t.check("and what it does before", start <= unit, sorted(start - unit))
    t.check("and not everything", not unit & {"mount", "ptrace", "bpf"},
            unit & {"mount", "ptrace", "bpf"})


def torrc(t):
    folder = t.folder()
    with open(os.path.join(DEPLOY, "torrc")) as f:
        text = f.read()
    parts = {re.search(r"peluit-(\w+)", p).group(1): p for p in
             text.split("HiddenServiceDir ")[1:]}
    t.equal("three onion services", sorted(parts), ["desk", "log", "source"])
    for name, part in parts.items():
        t.check(name + ": its own socket", "HiddenServicePort 80 unix:/run/"
                "peluit/%s.sock\n" % name in part, part)
        for line in ("EnableIntroDoSDefense 1", "EnableIntroDoSRatePerSec 25",
                     "EnableIntroDoSBurstPerSec 200", "MaxStreams 32",
                     "MaxStreamsCloseCircuit 0", "Version 3"):
            t.check("%s: %s" % (name, line),
                    "\nHiddenService%s\n" % line in part, part)
        # Nobody can knock at the desk who has no key.
        for line in ("PoWDefensesEnabled 1", "ExportCircuitID haproxy"):
            t.equal("%s: %s" % (name, line), name != "desk",
                    "\nHiddenService%s\n" % line in part)
    os.chmod(folder, 0o700)
    path = os.path.join(folder, "torrc")

    def tor(text):
        with open(path, "w") as f:
            f.write(text.replace("/var/lib/tor", folder))
        return command(["tor", "--verify-config", "--ignore-missing-torrc",
                        "--defaults-torrc", "/dev/null", "-f", path,
                        "--DataDirectory", os.path.join(folder, "data")])

    p = tor(text)
    said = [x for x in p.stdout.split("\n")
            if "[warn]" in x and "as root" not in x]
    t.check("Tor accepts it", p.returncode == 0 and not said, p.stdout)
    p = tor(text + "HiddenServiceStreams 3\n")
    t.check("Tor would refuse what is wrong", p.returncode != 0)


def onion_key(t):
    folder = t.folder()
    tool = os.path.join(DEPLOY, "peluit-onion-key")
    address = "a" * 56 + ".onion"
    p = command([tool, "petugas-1", address], cwd=folder)
    t.check("a key is made", p.returncode == 0 and not p.stderr, p.stderr)
    text = {}
    for end in ("auth", "auth_private"):
        with open(os.path.join(folder, "petugas-1." + end)) as f:
            text[end] = f.read()

    def raw(b32):
        return base64.b32decode(b32 + "=" * (-len(b32) % 8))

    private = re.fullmatch(r"(a{56}):descriptor:x25519:([A-Z2-7]{52})\n",
                           text["auth_private"])
    public = re.fullmatch(r"descriptor:x25519:([A-Z2-7]{52})\n", text["auth"])
    t.need("both files are what Tor reads", private and public, text)
    made = X25519PrivateKey.from_private_bytes(raw(private.group(2)))
    t.equal("they are halves of one key", made.public_key().public_bytes(
        Encoding.Raw, PublicFormat.Raw), raw(public.group(1)))
    t.equal("only we may read the secret half", os.stat(os.path.join(
        folder, "petugas-1.auth_private")).st_mode & 0o777, 0o600)
    p = command([tool, "petugas-1", address], cwd=folder)
    t.check("nothing is written over", p.returncode == 3, p.stdout)
    for bad in (["petugas-1"], ["Petugas 1", address], ["x", "example.org"],
                ["../x", address]):
        p = command([tool, *bad], cwd=folder)
        t.check("refused: %s" % bad, p.returncode == 2 and p.stderr,
                p.returncode)


def credentials(t):
    """Keys from the service manager, with a group's bits: its access list."""
    with t.instance(serve=False) as i:
        given = t.folder()
        for n in os.listdir(os.path.join(i.dir, "secrets")):
            shutil.copy(os.path.join(i.dir, "secrets", n), given)
            os.chmod(os.path.join(given, n), 0o440)
        env = dict(os.environ, CREDENTIALS_DIRECTORY=given)
        away = i.dir + "-secrets"
        os.rename(os.path.join(i.dir, "secrets"), away)
        peluitd = i.program("peluitd")
        p = command([peluitd, "status", i.dir])
        t.check("without its keys nothing opens", p.returncode == 3, p.stderr)
        p = command([peluitd, "status", i.dir], env=env)
        t.check("with those of the service manager it does",
                p.returncode == 0, p.stderr)
        os.rename(away, os.path.join(i.dir, "secrets"))
        os.chmod(os.path.join(i.dir, "secrets", "at-rest.key"), 0o440)
        p = command([peluitd, "status", i.dir])
        t.check("its own that others may read are refused",
                p.returncode == 3 and "chmod 600" in p.stderr, p.stderr)


def main(t):
    for part in (units, calls, torrc, onion_key, credentials):
        with t.part(part.__name__):
            part(t)


harness.run(main)

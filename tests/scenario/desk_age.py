"""peluit encrypt and decrypt beside stock age, both ways, in constant memory;
no server runs here."""
import os
import resource
import subprocess

import harness
from harness import BUILD, age_with_passphrase, command

PELUIT = os.path.join(BUILD, "peluit")
CHUNK = 65536
SIZES = (0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 3 * CHUNK, 1000003)
BIG = 200 * 1024 * 1024
PASS = "lima kata yang tidak ditebak"
MEMORY_KIB = 24 * 1024


def peak_of(argv):
    """Peak resident KiB of a program that must end well."""
    pid = os.fork()
    if pid == 0:
        p = subprocess.run(argv, stdin=subprocess.DEVNULL,
                           stderr=subprocess.DEVNULL)
        kib = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
        # the number goes through a file: a status has room for 8 bits
        with open(argv[-1] + ".peak", "w") as f:
            f.write("%d %d" % (p.returncode, kib))
        os._exit(0)
    os.waitpid(pid, 0)
    with open(argv[-1] + ".peak") as f:
        rc, kib = map(int, f.read().split())
    os.unlink(argv[-1] + ".peak")
    return rc, kib


def both_ways(t, d, key, to):
    plain, sealed = os.path.join(d, "plain"), os.path.join(d, "sealed")
    for n in SIZES:
        data = os.urandom(n)
        with open(plain, "wb") as f:
            f.write(data)
        ours = command([PELUIT, "encrypt", "-r", to, plain], binary=True)
        t.check("encrypt %d bytes" % n, ours.returncode == 0, ours.stderr)
        p = command(["age", "-d", "-i", key], input=ours.stdout, binary=True)
        t.check("age opens %d bytes of ours" % n, p.stdout == data, p.stderr)
        theirs = command(["age", "-r", to], input=data, binary=True)
        with open(sealed, "wb") as f:
            f.write(theirs.stdout)
        p = command([PELUIT, "decrypt", "-i", key, sealed], binary=True)
        t.check("we open %d bytes of age's" % n, p.stdout == data, p.stderr)


def main(t):
    d = t.folder()
    key, pass_file = os.path.join(d, "key"), os.path.join(d, "pass")
    command(["age-keygen", "-o", key])
    with open(key) as f:
        to = [x for x in f.read().split() if x.startswith("age1")][0]
    with open(pass_file, "w") as f:
        f.write(PASS + "\n")
    with t.part("both ways"):
        both_ways(t, d, key, to)
    with t.part("a home's files are age files"):
        home = os.path.join(d, "home")
        p = command([PELUIT, "--home", home, "--passphrase-file", pass_file,
                     "init", "--label", "petugas-1"])
        t.need("init", p.returncode == 0, p.stderr)
        t.equal("nothing on stderr when all is well", p.stderr, "")
        text = age_with_passphrase(os.path.join(home, "identity.age"), PASS)
        t.check("identity.age opens in age as a key file",
                b"AGE-SECRET-KEY-1" in text)
        plain_key = os.path.join(d, "opened")
        with open(plain_key, "wb") as f:
            f.write(text)
        p = command(["age", "-d", "-i", plain_key,
                     os.path.join(home, "sign.age")])
        t.check("sign.age opens with it", len(p.stdout.split("\n")) == 3,
                p.stderr)
        p = command([PELUIT, "--passphrase-file", pass_file, "decrypt", "-i",
                     os.path.join(home, "identity.age"),
                     os.path.join(home, "sign.age")])
        t.check("and with the key file as it is", p.returncode == 0 and
                p.stdout.startswith("untrusted comment:"), p.stderr)
    with t.part("constant memory"):
        plain, sealed = os.path.join(d, "plain"), os.path.join(d, "sealed")
        with open(plain, "wb") as f:
            f.truncate(BIG)
        for what, argv in (
                ("encrypt", ["encrypt", "-r", to, "-o", sealed, plain]),
                ("decrypt", ["decrypt", "-i", key, "-o", plain, sealed])):
            rc, kib = peak_of([PELUIT] + argv)
            t.equal("%s of %d MiB" % (what, BIG >> 20), rc, 0)
            t.check("%s in constant memory" % what, kib < MEMORY_KIB,
                    "%d KiB" % kib)
    with t.part("a failure leaves no file"):
        harness.flip(sealed, -1000)
        os.unlink(plain)
        before = sorted(os.listdir(d))
        p = command([PELUIT, "decrypt", "-i", key, "-o", plain, sealed])
        t.equal("an altered last chunk is refused", p.returncode, 1)
        t.equal("nothing is left", sorted(os.listdir(d)), before)
        p = subprocess.Popen([PELUIT, "encrypt", "-r", to, "-o", plain],
                             stdin=subprocess.PIPE)
        p.stdin.write(bytes(4 * CHUNK))
        p.stdin.flush()
        harness.wait_for("the part file", 10, lambda:
                         len(os.listdir(d)) > len(before))
        p.terminate()
        p.wait(10)
        p.stdin.close()
        t.equal("nor by a signal", sorted(os.listdir(d)), before)


harness.run(main)

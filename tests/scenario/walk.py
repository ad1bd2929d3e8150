"""The README as it stands: `make run`, then its ten lines, pasted."""
import os
import re
import signal
import socket
import subprocess
import time

import harness


def free_ports():
    """The first of three neighbours that nobody listens on."""
    for port in range(18080, 28080, 10):
        socks = []
        try:
            for n in range(3):
                s = socket.socket()
                socks.append(s)
                s.bind(("127.0.0.1", port + n))
            return port
        except OSError:
            pass
        finally:
            for s in socks:
                s.close()
    raise OSError("no free ports")


def make_run(demo, port, log):
    with open(log, "wb") as f:
        return subprocess.Popen(
            ["make", "--no-print-directory", "run", "DEMO=" + demo],
            cwd=harness.ROOT, stdin=subprocess.DEVNULL, stdout=f,
            stderr=subprocess.STDOUT, start_new_session=True,
            env={k: v for k, v in dict(
                os.environ, DEMO_PORT=str(port)).items()
                if k not in ("MAKEFLAGS", "MFLAGS", "MAKELEVEL")})


def ready(p, log):
    def said():
        if p.poll() is not None:
            with open(log) as f:
                raise harness.Failed("make run ended: " + f.read()[-2000:])
        with open(log) as f:
            text = f.read()
        return "Ctrl-C stops" in text and text
    return harness.wait_for("make run", 300, said)


def stop(t, p, what):
    os.killpg(p.pid, signal.SIGINT)
    try:
        rc = p.wait(30)
    except subprocess.TimeoutExpired:
        os.killpg(p.pid, signal.SIGKILL)
        rc = p.wait()
        t.check(what + ": Ctrl-C stops it", False)
        return
    t.check(what + ": Ctrl-C stops it", rc in (0, 2, -2, 130), rc)


def main(t):
    with open(os.path.join(harness.ROOT, "README.md")) as f:
        readme = f.read()
    t.check("README begins with the two commands", readme.find("make run") <
            readme.find("make check") < readme.find("\n## "))
    block = re.search(r"```sh\n(.*?)```", readme, re.S).group(1)
    t.equal("a walk of ten lines", len(block.strip().split("\n")), 10)
    demo = os.path.join(t.folder(), "demo")
    port = free_ports()
    log = os.path.join(t.dir, "make-run.log")
    p = make_run(demo, port, log)
    try:
        text = ready(p, log)
        t.check("it says what to open", "http://127.0.0.1:%d/" % port in text,
                text)
        t.check("and what to type", "petugas-1 fetch" in text, text)
        script = block.replace(":8080", ":%d" % port).replace(
            "demo/people", demo + "/people").replace(
                "build/peluit", os.path.join(harness.BUILD, "peluit"))
        began = time.monotonic()
        w = harness.command(["bash", "-c", script], cwd=harness.ROOT)
        answered = w.stdout.strip().split("\n")[-1]
        t.check("the ten lines end with the answer", answered.strip() ==
                "Thank you. We are looking into it.", w.stdout + w.stderr)
        t.equal("nothing on stderr", w.stderr, "")
        print("  the walk: %.0f s" % (time.monotonic() - began))
    finally:
        stop(t, p, "the first run")
    p = make_run(demo, port, log)
    try:
        text = ready(p, log)
        t.check("a second make run reuses the demo",
                "kept from the last time" in text, text)
        d = harness.command(
            [os.path.join(harness.BUILD, "peluit"), "--home",
             os.path.join(demo, "people", "petugas-1"), "--passphrase-file",
             os.path.join(demo, "people", "passphrase"), "list"])
        t.check("the case is still there", d.returncode == 0 and
                re.search("[0-9A-Z]{4}-[0-9A-Z]{4}", d.stdout), d.stdout)
    finally:
        stop(t, p, "the second run")


harness.run(main)

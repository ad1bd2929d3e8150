"""What scenarios ask of a desk, in one place: its JSON is read only here."""
import json
import os
import signal

from harness import Failed, command, wait_for


def fetch(t, i, label, what="fetch"):
    p = i.peluit(label, "fetch")
    if not t.check(what + " by " + label, p.returncode == 0,
                   p.stdout + p.stderr):
        raise Failed(what)
    return p.json


def cases(i, label):
    """[{case, name, status, ...}] as the desk lists them."""
    p = i.peluit(label, "list")
    if p.returncode != 0 or not p.json:
        raise Failed("list: " + p.stdout + p.stderr)
    return p.json["cases"]


def only_case(t, i, label):
    got = cases(i, label)
    t.need("one case in the list of " + label, len(got) == 1, got)
    return got[0]["case"]


def opened(t, i, label, case, save=None):
    args = ["open", case] + (["--save", save] if save else [])
    p = i.peluit(label, *args)
    if not t.check("open by " + label, p.returncode == 0,
                   p.stdout + p.stderr):
        raise Failed("open")
    return p.json


def report(view):
    """The report's message of what open gives."""
    for m in view["messages"]:
        if m["kind"] == "report":
            return m
    raise Failed("no report in %s" % json.dumps(view)[:500])


def texts(view):
    return [m.get("text") for m in view["messages"] if m.get("text")]


def reply(t, i, label, case, text, *more):
    path = os.path.join(i.top, "reply.txt")
    with open(path, "w") as f:
        f.write(text)
    p = i.peluit(label, "reply", case, "-f", path, *more)
    os.unlink(path)
    if not t.check("reply by " + label, p.returncode == 0,
                   p.stdout + p.stderr):
        raise Failed("reply")
    return p.json


def newcomers(t, i, role, people):
    """Roster 2 of a demo, with one desk more for each (label, channel)."""
    folder = os.path.join(i.dir, "people")
    secret = ["--passphrase-file", os.path.join(folder, "passphrase")]
    note = os.path.join(i.top, "roster-2")

    def run(*args):
        p = command([i.program("peluit"), *secret, *args])
        t.need("peluit " + args[0], p.returncode == 0, p.stdout + p.stderr)

    run("roster", "new", "--file", note, "--from",
        os.path.join(i.dir, "public", "roster", "1"))
    for label, channel in people:
        home = os.path.join(folder, label)
        run("--home", home, "init", "--label", label)
        run("roster", "add", os.path.join(home, "card.txt"), "--file", note,
            "--role", role, "--channel", channel)
    run("roster", "sign", "--key", os.path.join(folder, "roster.key"),
        "--file", note)
    p = i.peluitd("roster", i.dir, note)
    t.need("roster 2 is taken", p.returncode == 0, p.stdout + p.stderr)
    i.expect("roster 2 is accepted")
    i.server.send_signal(signal.SIGHUP)
    wait_for("roster 2", 20, lambda: os.path.exists(
        os.path.join(i.dir, "public", "roster", "2")))
    for label, _ in people:
        p = i.peluitd("office", i.dir, label)
        conf = os.path.join(i.top, label + ".conf")
        with open(conf, "w") as f:
            f.write(p.stdout)
        run("--home", os.path.join(folder, label), "join", conf)


def vault(i, label, hex_case=None):
    """Every object that the desk keeps exactly as fetched: {id: path}."""
    out = {}
    top = os.path.join(i.dir, "people", label, "vault")
    for d, _, files in os.walk(top):
        for f in files:
            if f.endswith(".age") and f != "index.age":
                if hex_case is None or hex_case in d:
                    out[f[:-4]] = os.path.join(d, f)
    return out

"""What scenarios ask of a desk, in one place: its JSON is read only here."""
import json
import os

from harness import Failed


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

"""Through Tor as it is: a network of its own on the loopback, the shipped
torrc, three onion services onto the unix sockets, circuits numbered.  A source
in Firefox without scripts, an officer and an auditor by SOCKS; who lacks the
key to the desk's service learns nothing of it."""
import base64
import json
import os
import re
import shutil
import sys
import time

import harness
import log_kit
import source_walk
import window
from harness import INSPECTORATE, ROOT, command

sys.path.insert(0, os.path.join(ROOT, "tests", "tor"))
import net                                              # noqa: E402

ANSWER = "Terima kasih. Di gedung mana?"
PATIENCE_SEC = 300      # until an onion service answers, on a busy machine


class Walk(source_walk.Walk):
    """The walk of browsers.py to a real onion address.  What goes over the
    wire is Tor's; what the page asked for is seen in the browser."""

    def __init__(self, t, i, folder, onion, socks):
        self.t, self.i, self.kind, self.lang = t, i, "firefox", "id"
        self.kept = []
        self.say = window.Sentences("id")
        self.prefix, self.name = "", "firefox by Tor"
        self.onion = onion
        self.b = window.Browser(folder, "firefox", socks=socks)

    def __exit__(self, *_):
        self.b.close()

    def open(self, path):
        self.b.open("http://" + self.onion + path)

    def asked(self, what, wire, again=False):
        others = [u for u in self.b.do("requests")
                  if not u.startswith("http://%s/" % self.onion)]
        self.t.check(what + ": nothing asked of another", not others, others)

    def keep(self, *_):
        pass

    def cost(self, what):
        pass

    def proxied(self):
        pass


def torrc(i, n):
    """The one that is shipped, in these folders."""
    with open(os.path.join(ROOT, "deploy", "torrc")) as f:
        text = f.read()
    for name, sock in i.sock.items():
        text = text.replace("unix:/run/peluit/%s.sock" % name, sock)
    return text.replace("/var/lib/tor", n.data)


def again(what, seconds, act):
    """An onion service is not there at once: the first true answer."""
    return net.wait(what, act, seconds, every=2)


class People:
    """Officer and auditor at computers of their own, reached by Tor."""

    def __init__(self, t, i, onion):
        self.t, self.i = t, i
        self.home = {}
        for label in (INSPECTORATE, "auditor-1"):
            self.home[label] = os.path.join(i.top, "home-" + label)
            shutil.copytree(os.path.join(i.dir, "people", label),
                            self.home[label])
            conf = os.path.join(self.home[label], "office.conf")
            with open(conf) as f:
                text = re.sub("^url .*$", "url http://" + onion["desk"],
                              f.read(), flags=re.M)
            with open(conf, "w") as f:
                f.write(text)

    def run(self, program, label, socks, *args, **kw):
        i = self.i
        p = command([i.program(program), "--home", self.home[label],
                     "--passphrase-file",
                     os.path.join(i.dir, "people", "passphrase"), "--clock",
                     i.clock_file, "--socks", socks, "--json", *args], **kw)
        try:
            p.json = json.loads(p.stdout)
        except ValueError:
            p.json = {}
        return p

    def desk(self, what, socks, *args, **kw):
        """Until it comes through; what the desk itself refuses is final."""
        def act():
            p = self.run("peluit", INSPECTORATE, socks, *args, **kw)
            return p if p.json.get("code") != "net" else None
        p = again(what, PATIENCE_SEC, act)
        self.t.need(what, p.returncode == 0, p.stdout + p.stderr)
        return p.json


def keys(t, n, onion):
    """The officer makes a key, the administrator takes its public half."""
    folder = t.folder()
    p = command([os.path.join(ROOT, "deploy", "peluit-onion-key"),
                 INSPECTORATE, onion["desk"]], cwd=folder)
    t.need("the officer makes a key", p.returncode == 0, p.stderr)
    auth = n.path("officer-keys")
    os.mkdir(auth, 0o700)
    shutil.move(os.path.join(folder, INSPECTORATE + ".auth_private"), auth)
    shutil.move(os.path.join(folder, INSPECTORATE + ".auth"),
                n.path("peluit-desk", "authorized_clients"))
    n.reload("host")
    return auth


def shut(n):
    """The desk's door, before its address exists, as OPERATING.md shuts it."""
    clients = n.path("peluit-desk", "authorized_clients")
    os.makedirs(clients, 0o700)
    os.chmod(os.path.dirname(clients), 0o700)
    with open(os.path.join(clients, "nobody.auth"), "w") as f:
        f.write("descriptor:x25519:%s\n" % base64.b32encode(
            os.urandom(32)).decode().rstrip("="))


def source(t, i, onion, socks, people, officer):
    with Walk(t, i, t.folder(), onion["source"], socks) as w:
        def home():
            try:
                w.open("/")
                return w.b.page() == "home"
            except OSError:
                return False
        again("the first page", PATIENCE_SEC, home)
        t.check("a page by Tor does not warn of the way it came",
                w.say["warn.without_tor"] not in w.b.text("body"))
        w.b.do("requests")
        w.report()
        w.practise()
        w.evidence(t.folder())
        w.leave()
        i.close_epoch()
        people.desk("fetch by Tor", officer, "fetch")
        cases = people.desk("list", officer, "list")["cases"]
        t.need("one case came", len(cases) == 1, cases)
        case = cases[0]["case"]
        view = people.desk("open", officer, "open", case)
        t.check("what was written is read", source_walk.TEXT in [
            m.get("text") for m in view["messages"]], view)
        t.equal("and both files", sum(len(m.get("attachments") or []) for m in
                                      view["messages"]), 2)
        people.desk("reply by Tor", officer, "reply", case, "--status",
                    "NEED_INFO", input=ANSWER.encode())
        w.sign_in()
        w.answered(ANSWER)
        w.leave()


def stranger(t, people, n, socks):
    """Who lacks the key: refused by Tor itself, and told what it may be."""
    def refused():
        p = people.run("peluit", INSPECTORATE, socks, "fetch")
        return p if "Fail to decrypt descriptor" in n.log("stranger") or \
            "client authorization" in n.log("stranger") else None
    p = again("Tor to refuse the stranger", PATIENCE_SEC, refused)
    for _ in range(2):
        t.check("without the key nothing comes", p.returncode == 1 and
                p.json.get("code") == "net", p.stdout + p.stderr)
        t.check("and it is said what may be missing",
                "ClientOnionAuthDir" in p.stdout, p.stdout)
        p = people.run("peluit", INSPECTORATE, socks, "fetch")


def auditor(t, i, people, onion, with_key, without):
    with open(os.path.join(i.dir, "public", "roster.vkey")) as f:
        vkeys = f.read().split()
    audit = dict(program="peluit-audit", label="auditor-1")

    def begun():
        # a home that is half made is no home
        p = people.run(*audit.values(), without, "init",
                       "http://" + onion["log"], log_kit.vkey(i), *vkeys)
        return p.returncode in (0, 1) and p
    p = again("the auditor to begin", PATIENCE_SEC, begun)
    t.check("the auditor begins to follow the log's onion service",
            p.returncode == 0, p.stdout + p.stderr)

    def look(socks, *args):
        p = people.run(*audit.values(), socks, *args)
        return p if p.returncode != 3 else None
    p = again("check", PATIENCE_SEC, lambda: look(without, "check"))
    t.check("check by Tor, which needs no key", p.returncode == 0,
            p.stdout + p.stderr)
    p = again("full", PATIENCE_SEC, lambda: look(with_key, "full"))
    t.check("full by Tor, with the key", p.returncode == 0 and
            p.json.get("ok"), p.stdout[:1500] + p.stderr)
    p = people.run(*audit.values(), without, "watch", "--once")
    t.check("without the key it watches and cannot cosign",
            p.json.get("cosigned") is False, p.stdout + p.stderr)
    p = again("a cosignature", PATIENCE_SEC, lambda: (
        lambda q: q if q.json.get("cosigned") else None)(
            people.run(*audit.values(), with_key, "watch", "--once")))
    t.check("with it, it does", p.returncode == 0, p.stdout + p.stderr)


def main(t):
    began = time.monotonic()
    with t.instance(serve=False) as i:
        i.set_conf("listen", proxy_line="yes")
        i.start()
        t.equal("who does not come by Tor's line gets no answer",
                i.raw(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n", half=True), b"")
        with net.Network(t.folder()) as n:
            print("  a consensus after %.0f s" % (time.monotonic() - began))
            shut(n)
            n.services(torrc(i, n))
            onion = {name: n.hostname(n.path("peluit-" + name))
                     for name in ("source", "log", "desk")}
            other = n.client("stranger")
            n.ready("host", "stranger")
            people = People(t, i, onion)
            with t.part("before any officer has a key"):
                stranger(t, people, n, other)
            auth = keys(t, n, onion)
            officer = n.client("officer", "ClientOnionAuthDir %s\n" % auth)
            n.ready("officer")
            with t.part("source and officer"):
                source(t, i, onion, other, people, officer)
                print("  source and officer after %.0f s" %
                      (time.monotonic() - began))
            with t.part("without the key"):
                stranger(t, people, n, other)
            i.close_epoch()
            with t.part("auditor"):
                auditor(t, i, people, onion, officer, other)
            peers = n.peers() - {"0.0.0.0", "::"}
            t.equal("no Tor talks to another machine", peers, {"127.0.0.1"})
        p = i.peluitd("check", i.dir)
        t.check("peluitd check is content", p.returncode == 0, p.stderr)


harness.run(main)

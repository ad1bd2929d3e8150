"""What a desk and an auditor have from the public log: every item of the feed
is proven, a server that lies with good signatures is refused, the inventory
and the cosignatures."""
import base64
import hashlib
import json
import os
import secrets
import shutil
import struct

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import (
    Ed25519PrivateKey, Ed25519PublicKey)

import harness
import office
from between import Between
from harness import INSPECTORATE
from signer import Api, Desk, digest

LEAVES = 256


def sha(b):
    return hashlib.sha256(b).digest()


def leaf_hash(entry):
    return sha(b"\0" + entry)


def b64(b):
    return base64.b64encode(b).decode()


def raw_public(key):
    return key.public_key().public_bytes(serialization.Encoding.Raw,
                                         serialization.PublicFormat.Raw)


def key_file(i, name):
    with open(os.path.join(i.dir, "secrets", name + ".key")) as f:
        return Ed25519PrivateKey.from_private_bytes(
            base64.b64decode(f.read().split("\n")[1]))


def commitment(item):
    return sha(b"peluit-commit/v1\0" + bytes.fromhex(item["nonce"]) +
               item["event"].encode())


# ---- notes, proofs and trees, written again ----

def key_id(name, kind, public):
    return sha(name.encode() + b"\n" + bytes([kind]) + public)[:4]


def signature(name, kind, public, sig):
    return "\u2014 %s %s\n" % (name, b64(key_id(name, kind, public) + sig))


def sign_note(text, name, key):
    return text + "\n" + signature(name, 1, raw_public(key),
                                   key.sign(text.encode()))


def cosign(note, name, key, when):
    text = note.split("\n\n")[0] + "\n"
    said = "cosignature/v1\ntime %d\n%s" % (when, text)
    return signature(name, 4, raw_public(key), struct.pack(">Q", when) +
                     key.sign(said.encode()))


def open_note(note, vkey):
    """The text that the key of a verifier key signed."""
    name, keyid, blob = vkey.split("+", 2)
    public = base64.b64decode(blob)[1:]
    text, _, sigs = note.partition("\n\n")
    for line in sigs.rstrip("\n").split("\n"):
        _, who, blob = line.split(" ")
        blob = base64.b64decode(blob)
        if who == name and blob[:4].hex() == keyid:
            Ed25519PublicKey.from_public_bytes(public).verify(
                blob[4:], (text + "\n").encode())
            return text + "\n"
    raise ValueError("not signed by " + name)


def read_proof(text):
    head, note = text.split("\n\n", 1)
    lines = head.split("\n")
    assert lines[0] == "c2sp.org/tlog-proof@v1", lines[0]
    extra = None
    if lines[1].startswith("extra "):
        extra = base64.b64decode(lines[1][6:])
        del lines[1]
    assert lines[1].startswith("index "), lines[1]
    return (extra, int(lines[1][6:]),
            [base64.b64decode(x) for x in lines[2:]], note)


def write_proof(index, path, note):
    return "c2sp.org/tlog-proof@v1\nindex %d\n%s\n%s" % (
        index, "".join(b64(h) + "\n" for h in path), note)


def root_from(index, size, leaf, path):
    """RFC 9162, 2.1.3.2."""
    fn, sn, r = index, size - 1, leaf
    for p in path:
        assert sn, "too long"
        if fn & 1 or fn == sn:
            r = sha(b"\1" + p + r)
            while not fn & 1 and fn:
                fn >>= 1
                sn >>= 1
        else:
            r = sha(b"\1" + r + p)
        fn >>= 1
        sn >>= 1
    assert sn == 0, "too short"
    return r


def tree(leaves):
    if len(leaves) == 1:
        return leaves[0]
    k = 1
    while k * 2 < len(leaves):
        k *= 2
    return sha(b"\1" + tree(leaves[:k]) + tree(leaves[k:]))


def path_to(index, leaves):
    if len(leaves) == 1:
        return []
    k = 1
    while k * 2 < len(leaves):
        k *= 2
    if index < k:
        return path_to(index, leaves[:k]) + [tree(leaves[k:])]
    return path_to(index - k, leaves[k:]) + [tree(leaves[:k])]


# ---- a server that lies, with the keys of the true one ----

class Liar(Between):
    """Signs what it altered."""

    def __init__(self, i, change):
        super().__init__(i, "desk")
        self.change = change
        self.key = key_file(i, "answers")

    def altered(self, h, status, data, got):
        path, _, query = h.path.partition("?")
        lie = self.change(h.command, path, query, data) \
            if status == 200 else None
        if lie is not None:
            data = lie
            self.sign(h, status, path, query, data, got)
        return status, data

    def sign(self, h, status, path, query, data, got):
        names = {k.lower(): k for k in got}
        params = got[names["signature-input"]][len("sig1="):]
        got[names["content-digest"]] = digest(data)
        base = '"@status": %d\n"content-digest": %s\n"@method";req: %s\n' \
            '"@authority";req: %s\n"@path";req: %s\n"@query";req: %s\n' \
            '"signature";req;key="sig1": %s\n"@signature-params": %s' % (
                status, digest(data), h.command, self.authority, path,
                "?" + query, h.headers["Signature"][len("sig1="):], params)
        got[names["signature"]] = "sig1=:%s:" % b64(
            self.key.sign(base.encode()))

    def home(self, label):
        """A fresh home of that officer, whose server is this one."""
        name = "copy%d" % secrets.randbelow(10**6)
        people = os.path.join(self.i.dir, "people")
        shutil.copytree(os.path.join(people, label),
                        os.path.join(people, name))
        path = os.path.join(people, name, "office.conf")
        with open(path) as f:
            lines = f.read().split("\n")
        for n, line in enumerate(lines):
            if line.startswith("url "):
                lines[n] = "url unix:" + self.sock
            if line.startswith("authority "):
                self.authority = line.split(" ")[1]
        with open(path, "w") as f:
            f.write("\n".join(lines))
        return name


def feed_lie(alter):
    """alter(items) -> items, for pages of the feed that are not empty."""
    def change(_, path, __, data):
        if path != "/v1/feed" or data.strip() == b"[]":
            return None
        return json.dumps(alter(json.loads(data))).encode()
    return change


def refused(t, i, what, change, code):
    with t.part(what), Liar(i, change) as liar:
        home = liar.home(INSPECTORATE)
        p = i.peluit(home, "fetch")
        t.equal(what + ": exit 1", p.returncode, 1)
        t.check("%s: %s" % (what, code), code in p.stdout, p.stdout)
        t.equal(what + ": no case", office.cases(i, home), [])


# ---- the parts ----

def proven(t, i, api, one):
    status, got, data, sent = one.call("GET", "/v1/feed", "?after=0")
    wrong = api.wrong("GET", "/v1/feed", status, got, data)
    t.check("the feed is as openapi.yaml says", not wrong, wrong)
    items = json.loads(data)
    t.need("items", len(items) >= 2, data[:300])
    status, point = i.get_log("/checkpoint")
    t.equal("/checkpoint", status, 200)
    point = point.decode()
    for item in items:
        extra, index, path, note = read_proof(item["proof"])
        text = open_note(note, one.office["log"])
        origin, size, root = text.rstrip("\n").split("\n")
        t.equal("the log's origin", origin, one.office["origin"])
        t.equal("the index is the leaf's", index, item["leaf"])
        t.equal("the proof holds", b64(root_from(
            index, int(size), leaf_hash(commitment(item)), path)), root)
        t.equal("its checkpoint is the published one", text,
                point.split("\n\n")[0] + "\n")
        t.equal("extra is the opening", extra, bytes.fromhex(
            item["nonce"]) + item["event"].encode())
    t.check("no promise", not any("promise" in x for x in items))
    return items


def rosters(t, i, api, one):
    status, got, data, sent = one.call("GET", "/v1/roster/1")
    t.equal("roster 1", status, 200)
    t.equal("why the answer is not signed", one.answer_signed(
        status, got, data, sent, "GET", "/v1/roster/1"), "")
    t.equal("why it is not as openapi.yaml says", api.wrong(
        "GET", "/v1/roster/1", status, got, data), "")
    t.equal("the same as the log's", data, i.get_log("/roster/1")[1])
    for n in ("0", "2", "01", "x", "", "1/proof", "99999999999999999999"):
        t.equal("no roster " + n, one.call("GET", "/v1/roster/" + n)[0], 404)


def each_item(change):
    def alter(items):
        for x in items:
            change(x)
        return items
    return feed_lie(alter)


def lies(t, i, items):
    log, promise = key_file(i, "log"), key_file(i, "promise")
    origin = items[0]["event"].split("\n")[0].split(" ")[1]

    def flip_path(item):
        lines = item["proof"].split("\n")
        at = next(n for n, x in enumerate(lines) if x.startswith("index "))
        raw = bytearray(base64.b64decode(lines[at + 1]))
        raw[3] ^= 1
        lines[at + 1] = b64(bytes(raw))
        item["proof"] = "\n".join(lines)

    def size_of(items):
        return int(read_proof(items[0]["proof"])[3].split("\n")[1])

    def forged(size, items, sign=log, name=origin):
        """Another tree that holds just these items, signed by the log."""
        leaves = [leaf_hash(secrets.token_bytes(32)) for _ in range(size)]
        for x in items:
            if x["leaf"] < size:
                leaves[x["leaf"]] = leaf_hash(commitment(x))
        note = sign_note("%s\n%d\n%s\n" % (name, size, b64(tree(leaves))),
                         name, sign)
        for x in items:
            if x["leaf"] < size:
                x["proof"] = write_proof(
                    x["leaf"], path_to(x["leaf"], leaves), note)
        return items

    def promised(item, key=promise, leaf=None):
        epoch = item["epoch"]
        text = "peluit-promise/v1\n%s\nepoch %d\nleaf %d\n%s\n" % (
            origin, epoch, item["leaf"] if leaf is None else leaf,
            b64(commitment(item)))
        del item["proof"]
        item["promise"] = "opening %s\n\n%s" % (
            b64(bytes.fromhex(item["nonce"]) + item["event"].encode()),
            sign_note(text, origin + "/promise", key))

    def both(item):
        proof = item["proof"]
        promised(item)
        item["proof"] = proof

    def nonce(item):
        item["nonce"] = secrets.token_hex(32)

    def leaf(item):
        item["leaf"] ^= 1

    # The proxy itself does no harm.
    with t.part("nothing altered"), Liar(i, feed_lie(lambda x: x)) as liar:
        home = liar.home(INSPECTORATE)
        p = i.peluit(home, "fetch")
        t.check("a page signed again is taken", p.returncode == 0,
                p.stdout + p.stderr)
        t.equal("with its case", len(office.cases(i, home)), 1)
    refused(t, i, "another path", each_item(flip_path), '"proof"')
    refused(t, i, "another opening", each_item(nonce), '"proof"')
    refused(t, i, "another leaf", each_item(leaf), '"proof"')
    refused(t, i, "no proof", each_item(lambda x: x.pop("proof")),
            '"answer"')
    refused(t, i, "proof and promise", each_item(both), '"answer"')
    refused(t, i, "a tree signed by another key", feed_lie(
        lambda x: forged(size_of(x), x, Ed25519PrivateKey.generate())),
        '"proof"')
    refused(t, i, "a promise by another key", each_item(
        lambda x: promised(x, log)), '"promise"')
    refused(t, i, "a promise for another leaf", each_item(
        lambda x: promised(x, leaf=x["leaf"] ^ 1)), '"promise"')
    refused(t, i, "an altered roster", lambda m, path, q, data:
            data.replace(b"petugas-1", b"petugas-9")
            if path == "/v1/roster/1" else None, '"roster_chain"')

    def stranger(items):
        """An event that is all right, by a key of no roster."""
        key = Ed25519PrivateKey.generate()
        x = dict(items[0], n=items[-1]["n"] + 1, kind="status", objects=[],
                 status="REVIEW", nonce=secrets.token_hex(32),
                 leaf=items[0]["leaf"] ^ 1)
        x.pop("message", None)
        lines = ["case " + x["case"], "request " + secrets.token_hex(16),
                 "kind status", "actor desk " + raw_public(key).hex(),
                 "status REVIEW", "seen " + commitment(items[0]).hex()]
        act = "peluit-action/v1 %s\n%s\n" % (origin, "\n".join(lines))
        x["event"] = "peluit-event/v1 %s\nepoch %d\n%s\nseq %d\n%s\n" \
            "prev %s\nsig %s\n" % (
                origin, x["epoch"], "\n".join(lines[:2]), len(items),
                "\n".join(lines[2:]), commitment(items[-1]).hex(),
                b64(key.sign(act.encode())))
        return forged(size_of(items), items + [x])

    with t.part("a stranger's event"), Liar(i, feed_lie(stranger)) as liar:
        home = liar.home(INSPECTORATE)
        p = i.peluit(home, "fetch")
        t.equal("a stranger's event: exit 1", p.returncode, 1)
        t.check("a stranger's event: its code", '"event_actor"' in p.stdout,
                p.stdout)

    def fork(size):
        def alter(items):
            return forged(size(items), items)
        return feed_lie(alter)

    def whole_feed(change):
        """A server that gives the feed from its beginning again."""
        def again(m, path, query, data):
            if path != "/v1/feed":
                return None
            return change(m, path, query, json.dumps(again_items).encode())
        return again
    again_items = [dict(x) for x in items]

    for what, size, code in (
            ("forked", size_of, "log_fork"),
            ("rolled back", lambda x: size_of(x) - LEAVES, "log_rollback")):
        with t.part(what), Liar(i, feed_lie(lambda x: x)) as liar:
            home = liar.home(INSPECTORATE)
            p = i.peluit(home, "fetch")
            t.equal("the log before it " + what, p.returncode, 0)
            kept = len(office.cases(i, home))
            liar.change = whole_feed(fork(size))
            for x in again_items:
                x["n"] += 1000
            p = i.peluit(home, "fetch")
            t.equal(what + ": exit 1", p.returncode, 1)
            t.check("%s: %s" % (what, code), '"%s"' % code in p.stdout,
                    p.stdout)
            t.check(what + ": both checkpoints are shown", p.json and
                    p.json.get("checkpoint_seen") and
                    p.json.get("checkpoint_given"), p.stdout)
            t.equal(what + ": nothing is lost", len(office.cases(i, home)),
                    kept)

    def all_promised(items):
        for x in items:
            promised(x)
        return items

    with t.part("not logged yet"), Liar(i, feed_lie(all_promised)) as liar:
        home = liar.home(INSPECTORATE)
        p = i.peluit(home, "fetch")
        t.equal("promises alone: exit 0", p.returncode, 0)
        t.equal("promises alone: counted", p.json["not_logged"], len(items))
        t.equal("promises alone: no case", office.cases(i, home), [])
        p = i.peluit(home, "list")
        t.equal("promises alone: listed apart", len(p.json["not_logged"]),
                len(items))
        p = i.peluit(home, "--lang", "id", "list", json_out=False)
        t.check("promises alone: and said", "belum tercatat" in p.stdout,
                p.stdout)
        liar.change = lambda *_: None
        p = i.peluit(home, "fetch")
        t.equal("then proven: exit 0", p.returncode, 0)
        t.equal("then proven: the case", len(office.cases(i, home)), 1)
        p = i.peluit(home, "list")
        t.equal("then proven: nothing apart", p.json["not_logged"], [])
    with t.part("a broken promise"), Liar(i, feed_lie(all_promised)) as liar:
        home = liar.home(INSPECTORATE)
        i.peluit(home, "fetch")
        liar.change = lambda m, path, q, data: \
            b"[]" if path == "/v1/feed" else None
        p = i.peluit(home, "fetch")
        t.equal("a broken promise: exit 1", p.returncode, 1)
        t.check("a broken promise: its code", '"promise_broken"' in p.stdout,
                p.stdout)


def inventory(t, i, api, auditor, items):
    path = "/v1/audit/inventory"
    status, got, data, sent = auditor.call("GET", path)
    t.equal("inventory", status, 200)
    t.equal("why it is not as openapi.yaml says", api.wrong(
        "GET", path, status, got, data), "")
    t.equal("why it is not signed", auditor.answer_signed(
        status, got, data, sent, "GET", path), "")
    page = json.loads(data)
    have = page["commitments"]
    t.check("every event of the feed", {commitment(x).hex() for x in items}
            <= set(have), page)
    t.equal("none twice", len(set(have)), len(have))
    t.equal("events only, no decoys; the roster's is one of them",
            len(have), len(items) + 1)
    t.equal("no more", page["more"], False)
    again = json.loads(auditor.call("GET", path)[2])
    t.equal("the same order again", again, page)
    rest = json.loads(auditor.call("GET", path,
                                   "?after=" + page["after"])[2])
    t.equal("nothing behind the last", rest, {
        "commitments": [], "more": False, "after": page["after"]})
    zero = json.loads(auditor.call("GET", path, "?after=" + "0" * 64)[2])
    t.equal("all behind zero", zero["commitments"], have)
    middle = json.loads(auditor.call("GET", path, "?after=" + "80" * 32)[2])
    t.equal("a cursor cuts the same order", middle["commitments"],
            have[len(have) - len(middle["commitments"]):])
    for q in ("?after=", "?after=1", "?after=" + "A" * 64, "?before=1",
              "?after=" + "0" * 66):
        t.equal("the query " + q, auditor.call("GET", path, q)[0], 400)
    return have


def cosigning(t, i, api, auditor, one):
    path = "/v1/audit/cosignature"
    label = auditor.office["label"]

    def post(line, desk=auditor):
        return desk.call("POST", path, "", line.encode(), "text/plain")

    plain = i.get_log("/checkpoint")[1].decode()
    size = int(plain.split("\n")[1])
    line = cosign(plain, label, auditor.key, i.now)
    status, got, data, sent = post(line)
    t.equal("a cosignature", (status, data.rstrip()),
            (200, b'{"size":%d}' % size))
    t.check("its length is of a class", len(data) == 16384, len(data))
    t.equal("why it is not as openapi.yaml says", api.wrong(
        "POST", path, status, got, data), "")
    t.equal("it stands behind the checkpoint",
            i.get_log("/checkpoint")[1].decode(), plain + line)
    other = Ed25519PrivateKey.generate()
    for what, bad in (
            ("by another key", cosign(plain, label, other, i.now)),
            ("under another name", cosign(plain, "lain", auditor.key,
                                          i.now)),
            ("of another checkpoint", cosign(plain.replace(
                str(size), str(size + 256)), label, auditor.key, i.now)),
            ("as a plain signature", signature(
                label, 1, raw_public(auditor.key), auditor.key.sign(
                    (plain.split("\n\n")[0] + "\n").encode()))),
            ("twice", line * 2), ("with a text before", "x\n\n" + line),
            ("without a line end", line.rstrip("\n")), ("of nothing", "\n"),
            ("too long", line[:-1] + "A" * 600 + "\n")):
        t.equal("a cosignature " + what, post(bad)[0], 422)
    t.equal("as JSON", auditor.call("POST", path, "", line.encode(),
                                    "application/json")[0], 415)
    t.equal("by an officer", post(cosign(plain, "petugas-1", one.key,
                                         i.now), one)[0], 403)
    t.equal("the inventory for an officer",
            one.call("GET", "/v1/audit/inventory")[0], 403)
    t.equal("nothing of that is kept",
            i.get_log("/checkpoint")[1].decode(), plain + line)
    i.close_epoch()
    later = i.get_log("/checkpoint")[1].decode()
    t.equal("the next checkpoint has none", later.count("\u2014"), 1)
    newer = cosign(later, label, auditor.key, i.now)
    t.equal("it is cosigned too", post(newer)[0], 200)
    status, _, data, _ = post(line)
    t.equal("the one before is taken again", (status, data.rstrip()),
            (200, b'{"size":%d}' % size))
    t.equal("and does not push out the newer",
            i.get_log("/checkpoint")[1].decode(), later + newer)
    i.stop()
    i.start()
    t.equal("nor does a restart", i.get_log("/checkpoint")[1].decode(),
            later + newer)
    p = i.peluitd("check", i.dir)
    t.check("peluitd check is content", p.returncode == 0,
            p.stdout + p.stderr)


def main(t):
    api = Api()
    with t.instance() as i:
        s = i.source()
        s.send("Kayu jati untuk balai kota.", channel="inspektorat")
        s.noted()
        i.close_epoch()
        s.reply("Truknya AD 1234.")
        i.close_epoch()
        one, auditor = Desk(i, INSPECTORATE), Desk(i, "auditor-1")
        items = []
        with t.part("proofs"):
            items = proven(t, i, api, one)
        with t.part("rosters"):
            rosters(t, i, api, one)
        if items:
            lies(t, i, items)
        with t.part("names"):
            office.fetch(t, i, INSPECTORATE)
            case = office.only_case(t, i, INSPECTORATE)
            office.reply(t, i, INSPECTORATE, case, "Terima kasih.")
            i.close_epoch()
            office.fetch(t, i, INSPECTORATE)
            view = office.opened(t, i, INSPECTORATE, case)
            t.check("a reply's name is the roster's", any(
                m.get("label") == INSPECTORATE for m in view["messages"]),
                view)
        i.advance(1)
        i.close_epoch()
        with t.part("inventory"):
            items = json.loads(one.call("GET", "/v1/feed", "?after=0")[2])
            have = inventory(t, i, api, auditor, items)
            t.check("a reply is held", any(
                x["kind"] == "reply" and commitment(x).hex() in have
                for x in items))
        with t.part("cosignatures"):
            cosigning(t, i, api, auditor, one)
        with t.part("after a restart"):
            page = json.loads(auditor.call("GET",
                                           "/v1/audit/inventory")[2])
            t.equal("the inventory's order is the same",
                    [x for x in page["commitments"] if x in have], have)


harness.run(main)

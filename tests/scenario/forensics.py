"""Reading all the memory of a running process, as who holds the machine can,
and looking in it for what must not be there any more."""
import base64
import ctypes
import hashlib
import hmac
import os
import re
import struct
import urllib.parse

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.ed25519 import (
    Ed25519PrivateKey)
from cryptography.hazmat.primitives.asymmetric.x25519 import (
    X25519PrivateKey, X25519PublicKey)
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
from cryptography.hazmat.primitives.serialization import (
    Encoding, PublicFormat)

import harness

PAGE = 4096
STEP = 1 << 22          # bytes that are read at once
NEAR = 48               # bytes around a hit that a report shows


# ---- memory ----

def maps(pid):
    """(from, to, what it is) of each mapping."""
    with open("/proc/%d/maps" % pid) as f:
        for line in f:
            where, perms, offset, _, inode, *path = line.split(None, 5)
            lo, hi = (int(x, 16) for x in where.split("-"))
            name = path[0].strip() if path else "anonymous"
            if name in ("[vvar]", "[vsyscall]", "[vvar_vclock]"):
                continue
            yield lo, hi, perms, int(offset, 16), int(inode), name


def runs(pid, lo, hi):
    """Ranges of neighbouring pages that are in memory or in swap."""
    with open("/proc/%d/pagemap" % pid, "rb") as f:
        f.seek(lo // PAGE * 8)
        entries = f.read((hi - lo) // PAGE * 8)
    begin = None
    for n, (e,) in enumerate(struct.iter_unpack("<Q", entries)):
        if e >> 62:             # present or swapped
            if begin is None:
                begin = lo + n * PAGE
        elif begin is not None:
            yield begin, lo + n * PAGE
            begin = None
    if begin is not None:
        yield begin, hi


def pieces(pid, files):
    """(name, address, bytes): all that the process holds; with files also
    what it maps of files and cannot write to, which is what lies on the disk
    or comes from there: programs, the store."""
    with open("/proc/%d/mem" % pid, "rb", buffering=0) as mem:
        for lo, hi, perms, offset, inode, name in maps(pid):
            if inode and not files and "w" not in perms:
                continue
            if inode:           # a file: as far as it goes
                try:
                    size = os.stat(name).st_size
                except OSError:
                    size = offset + hi - lo
                end = min(hi, lo + max(0, size - offset + PAGE - 1) //
                          PAGE * PAGE)
                parts = [(lo, end)] if end > lo and "r" in perms else []
            else:
                parts = list(runs(pid, lo, hi))
            for begin, end in parts:
                # A piece overlaps the next: nothing hides on its edge.
                while begin < end:
                    n = min(STEP, end - begin)
                    try:
                        mem.seek(begin)
                        data = mem.read(n)
                    except OSError:     # gone meanwhile
                        break
                    if not data:
                        break
                    yield name, begin, data
                    if begin + n >= end:
                        break
                    begin += n - PAGE


class Image:
    """All the memory of some processes at one moment."""

    def __init__(self, *pids, files=False):
        self.pieces = [(pid, *p) for pid in pids for p in pieces(pid, files)]
        self.size = sum(len(p[3]) for p in self.pieces)

    def find(self, needles, words=()):
        """[(needle, place, what stands around it)], each place once;
        `words`: sequences, of which three in a row are a hit."""
        hits, seen = [], set()
        patterns = [("words %d to %d" % (n + 1, n + 3),
                     re.compile(rb".{1,40}?".join(re.escape(w) for w in
                                                  seq[n:n + 3]), re.S))
                    for seq in words for n in range(len(seq) - 2)]
        for pid, name, at, data in self.pieces:
            found = []
            for what, b in needles.items():
                k = data.find(b)
                while k >= 0:
                    found.append((what, k, len(b)))
                    k = data.find(b, k + 1)
            for what, p in patterns:
                found += [(what, m.start(), m.end() - m.start())
                          for m in p.finditer(data)]
            for what, k, n in found:
                if (pid, what, at + k) in seen:
                    continue
                seen.add((pid, what, at + k))
                hits.append((what, "%d:%s+%x" % (pid, name, at + k),
                             data[max(0, k - NEAR):k + n + NEAR]))
        return hits


# ---- what is looked for ----

def spelt(marker):
    """As the search of the disk does, and as forms and pages write it."""
    out = dict(harness.spellings(marker))
    data = marker.encode() if isinstance(marker, str) else marker
    out["percent"] = "".join("%%%02X" % b for b in data).encode()
    quoted = urllib.parse.quote_plus(data).encode()
    if quoted != data:
        out["form"] = quoted
    if isinstance(marker, str):
        out["lower"] = marker.lower().encode()
        out["entities"] = "".join("&#%d;" % ord(c) for c in marker).encode()
        out["UTF-32LE"] = marker.encode("utf-32-le")
    return {n: b for n, b in out.items() if len(b) >= 6}


def needles(things):
    """{name: bytes} of {what: marker}, each in every spelling."""
    return {"%s, %s" % (what, how): b for what, m in things.items()
            for how, b in spelt(m).items()}


# ---- keys, made again from what the test knows ----

def hkdf(key, label, n=32, salt=b""):
    prk = hmac.new(salt or b"\0" * 32, key, hashlib.sha256).digest()
    return hmac.new(prk, label + b"\1", hashlib.sha256).digest()[:n]


def secret(i, name):
    with open(os.path.join(i.dir, "secrets", name + ".key")) as f:
        return base64.b64decode(f.read().strip().split("\n")[-1])


def argon2id(text, salt, m=19 * 1024, t=2, p=1):
    lib = ctypes.CDLL("libargon2.so.1")
    out = ctypes.create_string_buffer(32)
    if lib.argon2id_hash_raw(t, m, p, text, len(text), salt, len(salt), out,
                             32) != 0:
        raise harness.Failed("argon2id")
    return out.raw


def source_keys(i, code):
    """What comes from a receipt: FORMATS.md "Receipt"."""
    salt = hkdf(secret(i, "receipt"), b"peluit/salt/v1", 16)
    root = argon2id(code.encode(), salt)
    age = hkdf(root, b"peluit/receipt/v1 age")
    sign = hkdf(root, b"peluit/receipt/v1 sign")
    clamped = bytearray(age)
    clamped[0] &= 248
    clamped[31] = clamped[31] & 127 | 64
    return {
        "root": root, "locator": hkdf(root, b"peluit/receipt/v1 locator"),
        "age key": age, "age key, clamped": bytes(clamped),
        "signing key": sign,
        "signing scalar": hashlib.sha512(sign).digest()[:32],
        "age recipient": X25519PrivateKey.from_private_bytes(age).
        public_key().public_bytes(Encoding.Raw, PublicFormat.Raw),
        "public signing key": Ed25519PrivateKey.from_private_bytes(sign).
        public_key().public_bytes(Encoding.Raw, PublicFormat.Raw),
    }


def draft_keys(i, cookie):
    """What the server derives from a form's cookie."""
    draft = hkdf(secret(i, "receipt"), b"peluit/form/v1" +
                 bytes.fromhex(cookie), 16)
    return {"form cookie": bytes.fromhex(cookie), "draft": draft,
            "bits of the words": hkdf(secret(i, "receipt"),
                                      b"peluit/draft/v1" + draft, 12)}


def indices(code):
    """A receipt as numbers in a row, as the program holds it."""
    with open(os.path.join(harness.ROOT, "crypto", "words.c")) as f:
        words = re.findall(r'"([a-z]+)"', f.read())
    n = [words.index(w) for w in code.split()]
    return {"words %d to %d as numbers" % (k + 1, k + 4):
            struct.pack("<4H", *n[k:k + 4]) for k in range(len(n) - 3)}


def bech32_bytes(text):
    """The bytes of an age identity's text."""
    values = ["qpzry9x8gf2tvdw0s3jn54khce6mua7l".index(c)
              for c in text.lower().rpartition("1")[2]][:-6]
    n = int("".join("%05d" % int(bin(v)[2:]) for v in values), 2)
    return (n >> len(values) * 5 % 8).to_bytes(32, "big")


def file_keys(path, identity):
    """File and payload key of an age file, by a reader's identity."""
    with open(path, "rb") as f:
        data = f.read()
    end = data.index(b"\n", data.index(b"\n--- ") + 1) + 1
    nonce = data[end:end + 16]
    own = X25519PrivateKey.from_private_bytes(identity)
    public = own.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
    for share, body in re.findall(rb"-> X25519 (\S+)\n(\S+)\n", data[:end]):
        share, body = (base64.b64decode(x + b"==") for x in (share, body))
        both = own.exchange(X25519PublicKey.from_public_bytes(share))
        wrap = hkdf(both, b"age-encryption.org/v1/X25519",
                    salt=share + public)
        try:
            key = ChaCha20Poly1305(wrap).decrypt(b"\0" * 12, body, None)
        except InvalidTag:
            continue
        return {"file key": key, "payload key":
                hkdf(key, b"payload", salt=nonce)}
    raise harness.Failed("no stanza of ours in " + path)

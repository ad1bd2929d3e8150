"""HTTP Message Signatures (RFC 9421) with Ed25519, written again in Python so
that the server is tried by another hand than its own client's; and the
validation of answers by docs/openapi.yaml."""
import base64
import hashlib
import json
import os
import re
import secrets
import sys

import jsonschema
import yaml
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import (
    Ed25519PrivateKey, Ed25519PublicKey)

import harness

REQUEST, ANSWER = "peluit-request/v1", "peluit-answer/v1"


def digest(body):
    return "sha-256=:%s:" % base64.b64encode(
        hashlib.sha256(body).digest()).decode()


class Desk:
    """A desk by its two secrets: what its home holds, opened by stock age."""

    def __init__(self, i, label):
        self.i, self.label = i, label
        home = os.path.join(i.dir, "people", label)
        with open(os.path.join(i.dir, "people", "passphrase")) as f:
            passphrase = f.readline().rstrip("\n")
        plain = harness.age_with_passphrase(
            os.path.join(home, "identity.age"), passphrase)
        # Kept apart from the folders that are searched.
        self.identity = os.path.join(i.top, label + ".identity")
        with open(self.identity, "wb") as f:
            f.write(plain)
        p = harness.command(["age", "-d", "-i", self.identity,
                             os.path.join(home, "sign.age")], binary=True)
        seed = p.stdout
        if len(seed) != 32:
            seed = base64.b64decode(seed.split(b"\n")[-2])[:32]
        self.key = Ed25519PrivateKey.from_private_bytes(seed)
        self.keyid = self.key.public_key().public_bytes(
            serialization.Encoding.Raw,
            serialization.PublicFormat.Raw).hex()
        self.office = {}
        with open(os.path.join(home, "office.conf")) as f:
            for line in f:
                k, _, v = line.strip().partition(" ")
                self.office[k] = v

    def signed(self, method, path, query="", body=None, kind=None, **over):
        """The headers of a request; `over` makes one thing wrong."""
        p = {"created": self.i.now, "nonce": secrets.token_hex(16),
             "keyid": self.keyid, "tag": REQUEST,
             "authority": self.office["authority"], "method": method,
             "path": path, "query": query or "?", "cover": True}
        p.update(over)
        parts = [("@method", p["method"]), ("@authority", p["authority"]),
                 ("@path", p["path"]), ("@query", p["query"])]
        headers = {}
        if body is not None:
            headers["Content-Digest"] = p.get("digest") or digest(body)
            headers["Content-Type"] = kind
            if p["cover"]:
                parts += [("content-digest", headers["Content-Digest"]),
                          ("content-type", kind)]
        params = '(%s);created=%d;nonce="%s";keyid="%s";tag="%s"' % (
            " ".join('"%s"' % n for n, _ in parts), p["created"],
            p["nonce"], p["keyid"], p["tag"])
        base = "".join('"%s": %s\n' % x for x in parts) + \
            '"@signature-params": ' + params
        sig = self.key.sign(base.encode())
        if over.get("flip"):
            sig = sig[:10] + bytes([sig[10] ^ 1]) + sig[11:]
        headers["Signature-Input"] = "sig1=" + params
        headers["Signature"] = "sig1=:%s:" % base64.b64encode(sig).decode()
        return headers

    def call(self, method, path, query="", body=None, kind=None, headers=None,
             send_query=None, **over):
        """(status, headers, body, headers sent)."""
        if isinstance(body, (dict, list)):
            body = json.dumps(body).encode()
            kind = kind or "application/json"
        if headers is None:
            headers = self.signed(method, path, query, body, kind, **over)
        c = harness.connection(self.i.sock["desk"])
        c.request(method, path + (query if send_query is None
                                  else send_query), body, headers)
        r = c.getresponse()
        data = r.read()
        got = {k.lower(): v for k, v in r.getheaders()}
        c.close()
        return r.status, got, data, headers

    def answer_signed(self, status, got, data, sent, method, path, query=""):
        """Why an answer's signature does not hold; "" if it does."""
        m = re.fullmatch(r'sig1=(\(.*\);created=\d+;keyid="([0-9a-f]{64})";'
                         r'tag="%s")' % ANSWER.replace("/", "\\/"),
                         got.get("signature-input", ""))
        s = re.fullmatch(r"sig1=:([A-Za-z0-9+/=]+):",
                         got.get("signature", ""))
        if not m or not s:
            return "no signature: %r" % got
        if got.get("content-digest") != digest(data):
            return "the digest is of something else"
        if m.group(2) != self.office["answers"]:
            return "by another key"
        want = '("@status" "content-digest" "@method";req ' \
            '"@authority";req "@path";req "@query";req ' \
            '"signature";req;key="sig1")'
        if not m.group(1).startswith(want + ";"):
            return "covers something else: " + m.group(1)
        base = '"@status": %d\n"content-digest": %s\n"@method";req: %s\n' \
            '"@authority";req: %s\n"@path";req: %s\n"@query";req: %s\n' \
            '"signature";req;key="sig1": %s\n"@signature-params": %s' % (
                status, got["content-digest"], method,
                self.office["authority"], path, query or "?",
                sent["Signature"][len("sig1="):], m.group(1))
        key = Ed25519PublicKey.from_public_bytes(
            bytes.fromhex(self.office["answers"]))
        try:
            key.verify(base64.b64decode(s.group(1)), base.encode())
        except InvalidSignature:
            return "does not verify"
        return ""


def action(desk, case, kind, request=None, **lines):
    out = "peluit-action/v1 %s\ncase %s\nrequest %s\nkind %s\n" \
        "actor desk %s\n" % (desk.office["origin"], case,
                             request or secrets.token_hex(16), kind,
                             desk.keyid)
    for name in ("objects", "status", "recipients", "seen"):
        if name in lines:
            out += "%s %s\n" % (name, lines[name])
    return out


def body_of(desk, text):
    return {"action": text, "sig": base64.b64encode(
        desk.key.sign(text.encode())).decode()}


def commitment(item):
    return hashlib.sha256(b"peluit-commit/v1\0" + bytes.fromhex(
        item["nonce"]) + item["event"].encode()).hexdigest()


class Api:
    """docs/openapi.yaml as a judge of answers."""

    def __init__(self):
        with open(os.path.join(harness.ROOT, "docs", "openapi.yaml")) as f:
            self.doc = yaml.safe_load(f)

    def resolve(self, node):
        while isinstance(node, dict) and "$ref" in node:
            at = self.doc
            for word in node["$ref"].lstrip("#/").split("/"):
                at = at[word]
            node = at
        return node

    def operation(self, method, path):
        for template, item in self.doc["paths"].items():
            pattern = re.sub(r"\{[a-z]+\}", "[^/]+", template)
            if re.fullmatch(pattern, path) and method.lower() in item:
                return item[method.lower()]
        return None

    def wrong(self, method, path, status, headers, body):
        """Why an answer is not what the document says; "" if it is."""
        op = self.operation(method, path)
        if op is None:
            responses = {"default": {
                "$ref": "#/components/responses/Problem"}}
        else:
            responses = op["responses"]
        r = responses.get(str(status))
        if r is None and status >= 400:
            r = responses.get("default")
        if r is None:
            return "status %d is not described" % status
        r = self.resolve(r)
        content = r.get("content")
        if not content:
            return ""
        kind = headers.get("content-type", "").split(";")[0]
        if kind not in content:
            return "%r is not described for %d" % (kind, status)
        schema = content[kind].get("schema")
        if not schema:
            return ""
        try:
            value = json.loads(body)
        except ValueError as e:
            return "not JSON: %s" % e
        try:
            jsonschema.Draft202012Validator(
                {**schema, "components": self.doc["components"]}).validate(
                    value)
        except jsonschema.ValidationError as e:
            return "%s at %s" % (e.message[:300], list(e.absolute_path))
        return ""


sys.dont_write_bytecode = True

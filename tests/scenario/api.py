"""The desk API by another client: every answer is what docs/openapi.yaml says
and is signed; every request that is not in order is refused and changes
nothing."""
import json
import secrets

import harness
from signer import Api, Desk, action, body_of, commitment, digest

TEXT = "Laporan untuk antarmuka petugas."


def ask(t, api, desk, what, method, path, want, query="", signed=True, **kw):
    """One request; its answer is judged by the document and its signature."""
    status, got, data, sent = desk.call(method, path, query, **kw)
    t.check("%s: status" % what, status in want,
            "%d, not %s: %r" % (status, want, data[:300]))
    wrong = api.wrong(method, path, status, got, data)
    t.check("%s: as openapi.yaml says" % what, not wrong, wrong)
    if signed:
        why = desk.answer_signed(status, got, data, sent, method, path, query)
        t.check("%s: the answer is signed" % what, not why, why)
    return status, got, data


def judge_works(t, api):
    """The judge itself must be able to say no."""
    good = {"id": "0" * 32}
    j = {"content-type": "application/json"}
    t.equal("the judge takes what is right",
            api.wrong("POST", "/v1/objects", 200, j, json.dumps(good)), "")
    for what, status, headers, body in (
            ("a wrong id", 200, j, '{"id":"zz"}'),
            ("a missing key", 200, j, "{}"),
            ("no JSON", 200, j, "<p>"),
            ("another type", 200, {"content-type": "text/html"}, "{}"),
            ("an unknown status", 302, j, "{}"),
            ("a problem without a code", 400,
             {"content-type": "application/problem+json"},
             '{"type":"about:blank","title":"x","status":400}')):
        t.check("the judge refuses " + what,
                api.wrong("POST", "/v1/objects", status, headers, body))


def reading(t, i, api, one, two):
    _, _, data = ask(t, api, one, "office", "GET", "/v1/office", (200,))
    office = json.loads(data)
    t.equal("my label", office["label"], "petugas-1")
    t.equal("the log", office["log"], "ok")
    t.check("the time is the clock's", abs(office["unix_time"] - i.now) <= 2,
            office["unix_time"])
    _, _, data = ask(t, api, one, "feed", "GET", "/v1/feed", (200,),
                     query="?after=0")
    feed = json.loads(data)
    t.need("the report is in the feed", feed and
           feed[0]["kind"] == "report", feed)
    t.equal("n counts from 1", [x["n"] for x in feed],
            list(range(1, len(feed) + 1)))
    _, _, data = ask(t, api, one, "feed after all", "GET", "/v1/feed", (200,),
                     query="?after=%d" % feed[-1]["n"])
    t.equal("nothing after all", json.loads(data), [])
    item = feed[0]
    t.need("its manifest", item["objects"], item)
    o = item["objects"][0]
    _, got, data = ask(t, api, one, "a header", "GET",
                       "/v1/objects/%s/h" % o["id"], (200,))
    t.check("an age header", data.startswith(b"age-encryption.org/v1\n") and
            data.rstrip().split(b"\n")[-1].startswith(b"--- "), data[:60])
    _, got, data = ask(t, api, one, "a block", "GET",
                       "/v1/objects/%s/0" % o["id"], (200,))
    t.equal("a block is 1 MiB less 16 bytes", len(data), 1024 * 1024 - 16)
    ask(t, api, one, "a block that is not there", "GET",
        "/v1/objects/%s/%d" % (o["id"], o["blocks"]), (404,))
    ask(t, api, one, "an object that is not there", "GET",
        "/v1/objects/%s/h" % secrets.token_hex(16), (404,))
    # The officer of a channel not addressed sees no trace of the case.
    _, _, data = ask(t, api, two, "the other's feed", "GET", "/v1/feed",
                     (200,), query="?after=0")
    t.equal("the other's feed is empty", json.loads(data), [])
    for part in ("h", "0"):
        ask(t, api, two, "the other asks for part " + part, "GET",
            "/v1/objects/%s/%s" % (o["id"], part), (404,))
    return item


def refused(t, i, api, one, item):
    """Requests that are not in order."""
    def no(what, want, method="GET", path="/v1/office", query="", **kw):
        with t.part(what):
            ask(t, api, one, what, method, path, want, query, signed=False,
                **kw)
    no("no signature", (400, 401, 403), headers={})
    no("a wrong signature", (401, 403), flip=True)
    no("an old one", (401, 403), created=i.now - 400)
    no("one from the future", (401, 403), created=i.now + 400)
    no("another tag", (400, 401, 403), tag="peluit-answer/v1")
    no("another authority", (401, 403), authority="example.org")
    no("another path", (401, 403), path="/v1/office", headers=one.signed(
        "GET", "/v1/feed", ""))
    no("another method", (401, 403), headers=one.signed("POST",
                                                        "/v1/office"))
    no("another query", (401, 403), path="/v1/feed", query="?after=0",
       send_query="?after=1")
    no("an unknown key", (401, 403), keyid=secrets.token_hex(32))
    no("a short nonce", (400, 401, 403), nonce="a")
    body = {"blocks": 1}
    raw = json.dumps(body).encode()
    no("a digest of another body", (400, 401, 403), "POST", "/v1/objects",
       body=body, digest=digest(b"other"))
    no("a body that the signature does not cover", (400, 401, 403), "POST",
       "/v1/objects", body=body, cover=False)
    h = one.signed("POST", "/v1/objects", "", raw, "application/json")
    no("a body changed on the way", (400, 401, 403), "POST", "/v1/objects",
       body=raw.replace(b"1", b"2"), kind="application/json", headers=h)
    with t.part("replayed"):
        h = one.signed("GET", "/v1/office")
        status, *_ = one.call("GET", "/v1/office", headers=dict(h))
        t.equal("once it is good", status, 200)
        ask(t, api, one, "replayed", "GET", "/v1/office", (401, 403, 409),
            signed=False, headers=dict(h))
    twice = one.signed("GET", "/v1/office")
    twice["Signature-Input"] += ", " + twice["Signature-Input"].replace(
        "sig1", "sig2")
    no("two signatures", (400, 401, 403), headers=twice)
    for q in ("?after=-1", "?after=x", "?after=1&after=2", "?after=01",
              "?after=99999999999999999999", "?before=1", "?after=%31"):
        no("the query " + q, (400, 422), path="/v1/feed", query=q)
    no("an id in capitals", (400, 404), path="/v1/objects/" + "A" * 32 + "/h")
    no("a part that is none", (400, 404),
       path="/v1/objects/" + "a" * 32 + "/-1")
    no("an unknown path", (404,), path="/v1/nothing")
    no("an unknown method", (404, 405), method="DELETE")
    for what, bad in (("no JSON", b"{"), ("an array", b"[]"),
                      ("blocks of text", b'{"blocks":"1"}'),
                      ("no blocks", b'{"blocks":0}'),
                      ("a repeated key", b'{"blocks":1,"blocks":2}'),
                      ("minus one block", b'{"blocks":-1}'),
                      ("a fraction", b'{"blocks":1.5}'),
                      ("too many blocks", b'{"blocks":4294967296}')):
        no("an object of " + what, (400, 413, 422), "POST", "/v1/objects",
           body=bad, kind="application/json")
    no("a body of another type", (400, 415), "POST", "/v1/objects",
       body=raw, kind="text/plain")
    case = item["case"]
    act = "/v1/cases/%s/actions" % case
    for what, bad in (
            ("no action", {}),
            ("an action that is none", {"action": "x", "sig": "A" * 86 +
                                        "=="}),
            ("a wrong signature", {"action": action(one, case, "status",
                                                    status="REVIEW"),
                                   "sig": "A" * 86 + "=="})):
        no("an action: " + what, (400, 403, 422), "POST", act, body=bad)


def acting(t, i, api, one, two, auditor, item):
    case = item["case"]
    act = "/v1/cases/%s/actions" % case
    seen = commitment(item)
    first = action(one, case, "status", status="VERIFYING", seen=seen)
    _, _, data = ask(t, api, one, "a status", "POST", act, (200, 201),
                     body=body_of(one, first))
    again = ask(t, api, one, "the same again", "POST", act, (200, 201),
                body=body_of(one, first))[2]
    t.equal("gets the same answer", again, data)
    req = first.split("request ")[1].split("\n")[0]
    other = action(one, case, "status", request=req, status="REVIEW",
                   seen=seen)
    ask(t, api, one, "the same request with another action", "POST", act,
        (409,), body=body_of(one, other))
    ask(t, api, one, "an unknown status", "POST", act, (400, 422),
        body=body_of(one, action(one, case, "status", status="DONE",
                                 seen=seen)))
    ask(t, api, one, "a report by a desk", "POST", act, (400, 403, 422),
        body=body_of(one, action(one, case, "report", seen=seen)))
    ask(t, api, one, "a delete by a desk", "POST", act, (400, 403, 422),
        body=body_of(one, action(one, case, "delete", seen=seen)))
    ask(t, api, one, "in the name of another", "POST", act, (400, 403, 422),
        body=body_of(one, action(two, case, "status", status="REVIEW",
                                 seen=seen)))
    ask(t, api, one, "for another case", "POST", act, (400, 403, 404, 422),
        body=body_of(one, action(one, secrets.token_hex(16), "status",
                                 status="REVIEW", seen=seen)))
    nowhere = secrets.token_hex(16)
    ask(t, api, one, "for a case that is not there", "POST",
        "/v1/cases/%s/actions" % nowhere, (404,),
        body=body_of(one, action(one, nowhere, "status", status="REVIEW",
                                 seen=seen)))
    ask(t, api, one, "with a seen that is none of its own", "POST", act,
        (400, 403, 409, 422), body=body_of(one, action(
            one, case, "status", status="REVIEW",
            seen=secrets.token_hex(32))))
    ask(t, api, two, "by an officer of another channel", "POST", act, (404,),
        body=body_of(two, action(two, case, "status", status="REVIEW",
                                 seen=seen)))
    ask(t, api, one, "saved", "POST", act, (200, 201), body=body_of(
        one, action(one, case, "access", seen=seen)))
    # Without that role.
    ask(t, api, auditor, "an auditor's status", "POST", act, (403, 404),
        body=body_of(auditor, action(auditor, case, "status",
                                     status="REVIEW", seen=seen)))
    ask(t, api, auditor, "an auditor begins an object", "POST",
        "/v1/objects", (403, 404), body={"blocks": 1})
    ask(t, api, auditor, "an auditor reads an object", "GET",
        "/v1/objects/%s/0" % item["objects"][0]["id"], (403, 404))
    ask(t, api, auditor, "an auditor asks for the feed", "GET", "/v1/feed",
        (403, 404), query="?after=0")
    # Objects of a desk.
    _, _, data = ask(t, api, one, "begin an object", "POST", "/v1/objects",
                     (200, 201), body={"blocks": 1})
    mine = json.loads(data)["id"]
    ask(t, api, two, "another puts a block into it", "PUT",
        "/v1/objects/%s/0" % mine, (403, 404), body=b"x" * 500,
        kind="application/octet-stream")
    ask(t, api, one, "a block outside of it", "PUT",
        "/v1/objects/%s/1" % mine, (400, 404, 422), body=b"x" * 500,
        kind="application/octet-stream")
    ask(t, api, one, "an empty block", "PUT", "/v1/objects/%s/0" % mine,
        (400, 422), body=b"", kind="application/octet-stream")
    ask(t, api, one, "a header that is none", "PUT",
        "/v1/objects/%s/h" % mine, (400, 422), body=b"nothing",
        kind="application/octet-stream")


def main(t):
    api = Api()
    judge_works(t, api)
    with t.instance() as i:
        s = i.source()
        s.send(TEXT, channel="inspektorat")
        s.noted()
        code = " ".join(s.receipt)
        i.close_epoch()
        one, two = Desk(i, "petugas-1"), Desk(i, "petugas-2")
        auditor = Desk(i, "auditor-1")
        item = reading(t, i, api, one, two)
        refused(t, i, api, one, item)
        i.still_well(code, "requests that are not in order")
        with t.part("actions"):
            acting(t, i, api, one, two, auditor, item)
        i.still_well(code, "actions")
        with t.part("after a restart"):
            old = one.signed("GET", "/v1/office")
            i.advance(5)
            i.stop()
            i.start()
            ask(t, api, one, "a request from before the server's start",
                "GET", "/v1/office", (401, 403), signed=False, headers=old)
            i.advance(1)
            ask(t, api, one, "a new one", "GET", "/v1/office", (200,))


harness.run(main)

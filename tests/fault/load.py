"""What goes on in an instance that is about to be killed: sources, officers, a
clock that turns, and a book of what each was told.

The book is what a kill is judged by.  What was acknowledged must be there;
what was sent and got no answer is there whole, or not at all.
"""
import base64
import http.client
import os
import random
import re
import sys
import threading
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(os.path.dirname(HERE), "scenario"))
import harness                  # noqa: E402
import log_kit as log           # noqa: E402
from harness import INSPECTORATE, Failed, Part, Refused    # noqa: E402

GONE = (OSError, http.client.HTTPException)
CODES = ["VERIFYING", "REVIEW", "INVESTIGATION", "RECEIVED"]


class Case:
    """A report that has its receipt, and what was added to it."""

    def __init__(self, number, words, now):
        self.number, self.code, self.born = number, " ".join(words), now
        self.messages = self.files = 0          # acknowledged
        self.maybe_messages = self.maybe_files = 0
        self.answers = set()                    # an officer was told: taken


class Book:
    def __init__(self):
        self.lock = threading.Lock()
        self.number = 0
        self.cases = []
        self.by_number = {}
        self.unshown = 0        # cases whose receipt nobody was shown
        self.unanswered = []    # forms that were sent and got no answer
        self.promises = []      # as the receipts' pages gave them
        self.heads = {}         # size of the log: its root
        self.notes = {}         # size: the note
        self.size = 0
        self.broken = []        # what was found wrong

    def said(self, *what):
        """Told of each thing that somebody was told; power.py keeps it."""

    def wrong(self, what):
        with self.lock:
            self.broken.append(what)

    def head(self, note):
        """A checkpoint that was served: never smaller, never another."""
        size, root = log.size_of(note), log.root_of(note)
        with self.lock:
            if self.heads.setdefault(size, root) != root:
                self.broken.append("two checkpoints of size %d" % size)
            if size < self.size:
                self.broken.append("a log of %d after one of %d" %
                                   (size, self.size))
            self.size = max(self.size, size)
            self.notes[size] = note
        self.said("head", note)

    def receipt(self, source, page, number, now):
        case = Case(number, page.receipt, now)
        promise = log.evidence(page)
        with self.lock:
            self.cases.append(case)
            self.by_number[number] = case
            if promise and "peluit-promise/v1" in promise:
                self.promises.append(promise)
                self.said("promise", promise)
        self.said("case", number, page.receipt, now)
        source.receipt = page.receipt
        return case


class Life:
    """One life of a server: its threads end when it does, or at end()."""

    def __init__(self, i, book, rng, desk=True):
        self.i, self.book = i, book
        self.stop = threading.Event()
        self.did = 0
        jobs = [self.reports, self.returns, self.watches]
        if desk:
            jobs.append(self.officer)
        self.threads = []
        for job in jobs:
            r = random.Random(rng.random())
            self.threads.append(threading.Thread(
                target=self.run, args=(job, r), daemon=True))
        for th in self.threads:
            th.start()

    def run(self, job, rng):
        while not self.stop.is_set():
            self.once(job, rng)

    def once(self, job, rng):
        try:
            job(rng)
            self.did += 1
        except GONE:
            # Killed: a server that still lives is asked again.
            time.sleep(0.002)
        except (Refused, Failed) as e:
            page = getattr(e, "page", None)
            if page is not None and page.status not in (
                    401, 403, 429, 500, 503, 507):
                self.book.wrong("%s: %s %s %s" % (
                    job.__name__, e, page.status, page.error))

    def end(self):
        self.stop.set()
        for th in self.threads:
            th.join(60)

    # -- the people --

    def reports(self, rng):
        if self.stop.wait(rng.random() * 0.05):
            return
        s = self.i.source()
        with self.book.lock:
            self.book.number += 1
            number = self.book.number
        form = s.open_form()
        values = s.fill(form, "Laporan nomor %d." % number,
                        channel="inspektorat")
        sent = (s, form, values, number)
        with self.book.lock:
            self.book.unanswered.append(sent)
        page = s.submit(form, values)
        if page.page == "receipt" and len(page.receipt) == 9:
            self.book.receipt(s, page, number, self.i.now)
        elif page.kept != "no":
            return                  # unknown: it is sent again later
        with self.book.lock:
            self.book.unanswered.remove(sent)

    def returns(self, rng):
        with self.book.lock:
            case = rng.choice(self.book.cases[-6:]) if self.book.cases \
                else None
        if case is None:
            time.sleep(0.01)
            return
        s = self.i.source()
        if s.login(case.code).page != "inbox":
            return
        for _ in range(4):
            if self.stop.is_set():
                return
            if rng.random() < 0.5:
                f = s._inbox_form("/surat/tulis", "text")
                with self.book.lock:
                    case.maybe_messages += 1
                self.book.said("try", case.number, "messages")
                page = s.submit(f, [("text", "Tambahan.")])
                kind = "messages"
            else:
                f = s._inbox_form("/surat/berkas", "file")
                with self.book.lock:
                    case.maybe_files += 1
                self.book.said("try", case.number, "files")
                n = rng.choice((10, 70000, 1 << 20, 3 << 20))
                page = s.submit(f, files=[
                    ("file", Part("x.bin", os.urandom(n)))])
                kind = "files"
            good = page.page in ("sent", "inbox") and not page.error
            with self.book.lock:
                if good:
                    setattr(case, kind, getattr(case, kind) + 1)
                    self.book.said("took", case.number, kind)
                if good or page.kept == "no":
                    setattr(case, "maybe_" + kind,
                            getattr(case, "maybe_" + kind) - 1)

    def watches(self, rng):
        time.sleep(rng.random() * 0.02)
        status, note = self.i.get_log("/checkpoint")
        if status == 200:
            self.book.head(note)

    def officer(self, rng):
        """The desk's real program; it is killed by nobody here."""
        if self.stop.wait(rng.random() * 0.05):
            return
        p = self.i.peluit(INSPECTORATE, "fetch")
        if self.stop.is_set():
            return
        p = self.i.peluit(INSPECTORATE, "list")
        got = (p.json or {}).get("cases") or []
        if not got:
            return
        case = rng.choice(got[-6:])["case"]
        p = self.i.peluit(INSPECTORATE, "open", case)
        m = re.search(r"Laporan nomor (\d+)\.", p.stdout)
        mine = m and self.book.by_number.get(int(m.group(1)))
        if not mine or self.stop.is_set():
            return
        if rng.random() < 0.3:
            self.i.peluit(INSPECTORATE, "status", case, rng.choice(CODES))
            return
        with self.book.lock:
            self.book.number += 1
            text = "Jawaban nomor %d." % self.book.number
        path = os.path.join(self.i.top, "reply.txt")
        with open(path, "w") as f:
            f.write(text)
        p = self.i.peluit(INSPECTORATE, "reply", case, "-f", path)
        if p.returncode == 0:
            with self.book.lock:
                mine.answers.add(text)
            self.book.said("answer", mine.number, text)


# ---- after a kill ----

def count(page, word):
    m = re.search(r"%s terkirim: (\d+)" % word, page.text)
    return int(m.group(1)) if m else 0


def look_at(i, book, case):
    """Everything that this source was told is there."""
    page = i.source().login(case.code)
    if page.page != "inbox":
        # The server may be killed again while we look: no verdict.
        if page.status in (429, 500, 503):
            return False
        book.wrong("report %d does not open: %s %s" %
                   (case.number, page.status, page.error))
        return True
    with book.lock:
        answers = set(case.answers)
    for what, have, maybe, word in (
            ("messages", case.messages, case.maybe_messages, "Pesan"),
            ("files", case.files, case.maybe_files, "Berkas")):
        n = count(page, word)
        if not have <= n <= have + maybe:
            book.wrong("report %d has %d %s, acknowledged %d, unknown %d" %
                       (case.number, n, what, have, maybe))
    for text in answers:
        if text not in page.text:
            book.wrong("report %d lost an answer: %s" % (case.number, text))
    return True


def send_again(i, book, sent):
    """The form that got no answer: one receipt, one case."""
    s, form, values, number = sent
    s.base = i.sock["source"]
    page = s.submit(form, values)
    if page.page == "receipt" and len(page.receipt) == 9:
        book.receipt(s, page, number, i.now)
    elif page.status in (429, 500, 503):
        return False
    elif page.error == "draft_shown":
        book.unshown += 1       # it is there; its time to be shown is over
    else:
        book.wrong("report %d sent again: %s %s" % (number, page.status,
                                                    page.error))
    with book.lock:
        book.unanswered.remove(sent)
    return True


def promised(text):
    """(epoch's number from 0, leaf in it, commitment) of a promise."""
    note = text.split("\n\n", 1)[1] if text.startswith("opening ") else text
    lines = note.split("\n")
    n, at = divmod(int(lines[3].split()[1]), log.LEAVES)
    return n, at, base64.b64decode(lines[4])


def keep_promises(i, book):
    """Every promise of an epoch that is closed stands in the log."""
    entries, left, kept = {}, [], 0
    size, _ = log.checkpoint(i)
    for text in book.promises:
        n, at, c = promised(text)
        if (n + 1) * log.LEAVES > size:
            left.append(text)
            continue
        if n not in entries:
            entries[n] = log.entries(i, n)
        if entries[n][at] != c:
            book.wrong("a promise was not kept: epoch %d leaf %d" % (n, at))
        kept += 1
    book.promises = left
    return kept

#!/usr/bin/env python3
"""What the promises of size and speed are measured by (docs/TESTING.md).

- 1 GiB to the server, sealed and on disk, against `age -r` writing and syncing
  the same file on the same disk: in turn, the medians' ratio;
- the server's peak memory above idle meanwhile; idle memory;
- processor time of a report of text above its Argon2id.
"""
import os
import statistics
import subprocess
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(HERE, "..", "scenario"))
import harness  # noqa: E402

SIZE = int(os.environ.get("BENCH_MIB", "1024")) << 20
ROUNDS = int(os.environ.get("BENCH_ROUNDS", "3"))
REPORTS = int(os.environ.get("BENCH_REPORTS", "40"))
RECIPIENT = "age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kg5sfn9aqmcac8p"


def memory(pid, what):
    with open("/proc/%d/status" % pid) as f:
        for line in f:
            if line.startswith(what + ":"):
                return int(line.split()[1]) * 1024
    return 0


def reset_peak(pid):
    try:
        with open("/proc/%d/clear_refs" % pid, "w") as f:
            f.write("5")
    except OSError:
        pass


def cpu(pid):
    """Seconds of processor time of a process and its children."""
    total = 0
    for d in os.listdir("/proc"):
        if not d.isdigit():
            continue
        try:
            with open("/proc/%s/stat" % d) as f:
                w = f.read().rpartition(")")[2].split()
        except OSError:
            continue
        if int(d) == pid or int(w[1]) == pid:
            total += int(w[11]) + int(w[12])
    return total / os.sysconf("SC_CLK_TCK")


def upload(i, s, path):
    f = s._inbox_form("/surat/berkas", "file")
    fields = [x for k, v in f.defaults() for x in ("-F", "%s=%s" % (k, v))]
    cookie = "; ".join("%s=%s" % kv for kv in s.cookies.items())
    out = os.path.join(i.top, "answer.html")
    began = time.monotonic()
    p = subprocess.run(
        ["curl", "-s", "-o", out, "-w", "%{http_code}", "--unix-socket",
         i.sock["source"][5:], "-b", cookie, "-H", "Expect:", *fields,
         "-F", "file=@" + path, "http://x/surat/berkas"],
        stdout=subprocess.PIPE)
    took = time.monotonic() - began
    if p.stdout not in (b"200", b"303"):
        with open(out) as f:
            raise SystemExit("the upload was refused: %s %s" %
                             (p.stdout, f.read()[:3000]))
    return took


def age(path, out):
    began = time.monotonic()
    subprocess.run(["age", "-r", RECIPIENT, "-o", out, path], check=True)
    fd = os.open(out, os.O_RDONLY)
    os.fsync(fd)
    os.close(fd)
    took = time.monotonic() - began
    os.unlink(out)
    return took


def main(t):
    big = os.path.join(t.dir, "big")
    with open(big, "wb") as f:
        for _ in range(SIZE >> 20):
            f.write(os.urandom(1 << 20))
    os.sync()
    with t.instance(limits={"file_mib": (SIZE >> 20) + 1,
                            "case_mib": 1 << 20}) as i:
        pid = i.ready["pid"]
        time.sleep(1)
        idle = memory(pid, "VmRSS")
        s = i.source()
        s.send("Ukur.")
        s.noted()
        ours, theirs, peaks = [], [], []
        for _ in range(ROUNDS):
            before = memory(pid, "VmRSS")
            reset_peak(pid)
            ours.append(upload(i, s, big))
            peaks.append(memory(pid, "VmHWM") - before)
            theirs.append(age(big, os.path.join(t.dir, "big.age")))
            i.advance(61)
        a, b = statistics.median(ours), statistics.median(theirs)
        print("upload of %d MiB: %.2f s (%.0f MB/s); age and sync: %.2f s "
              "(%.0f MB/s); ratio %.2f" % (SIZE >> 20, a, SIZE / a / 1e6, b,
                                           SIZE / b / 1e6, a / b))
        print("  each: ours %s; age %s" %
              (" ".join("%.2f" % x for x in ours),
               " ".join("%.2f" % x for x in theirs)))
        print("idle %.1f MiB; above idle while uploading %.1f MiB" %
              (idle / 2**20, max(peaks) / 2**20))

        forms = []
        for _ in range(REPORTS):
            r = i.source()
            form = r.open_form()
            forms.append((r, form, r.fill(form, "Laporan. " * 200)))
        began = cpu(pid)
        for r, form, values in forms:
            if r.submit(form, values).page != "receipt":
                raise SystemExit("no receipt: %s" % r.page.error)
        report = (cpu(pid) - began) / REPORTS
        wrong = " ".join([s.receipt[0]] * 9)
        signin = []
        for _ in range(REPORTS):
            r = i.source()
            signin.append((r, r.get("/buka").form(field="code")))
        began = cpu(pid)
        for r, form in signin:
            r.submit(form, [("code", wrong)])
        argon = (cpu(pid) - began) / REPORTS
        print("processor time of a report %.1f ms, of a wrong sign-in "
              "(Argon2id) %.1f ms, above it %.1f ms" %
              (report * 1e3, argon * 1e3, (report - argon) * 1e3))
        t.check("measured", True)


harness.run(main, "bench")

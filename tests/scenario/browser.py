"""A real browser without a window and without scripts: Debian's Chromium by
Playwright, or Debian's Firefox ESR by WebDriver BiDi with what Tor Browser's
level Safest changes.  Both by the lines of tests/browser/drive.js."""
import contextlib
import json
import os
import shutil
import subprocess
import tempfile

from harness import ROOT, Failed

TOOLS = os.path.join(ROOT, "tests", "browser")
BROWSERS = ("chromium", "firefox")


def modules():
    """The folder of the npm packages."""
    p = subprocess.run([os.path.join(TOOLS, "install")],
                       stdin=subprocess.DEVNULL, stdout=subprocess.PIPE)
    if p.returncode != 0:
        raise Failed("the npm packages of tests/browser are not there")
    return p.stdout.decode().strip()


def node(script, *args, folder, **kw):
    """A program of tests/browser; the browser's own files stay in folder."""
    return subprocess.Popen(
        ["node", os.path.join(TOOLS, script), *args], env=dict(
            os.environ, NODE_PATH=modules(), TMPDIR=folder, HOME=folder,
            PELUIT_CHROMIUM=shutil.which("chromium") or ""), **kw)


class Browser:
    """What is looked for by CSS is the first that fits."""

    def __init__(self, folder, kind="chromium", scripts=False, **more):
        # A source's own computer: what it keeps is not ours to judge, so it
        # stays out of the folders that are searched.
        folder = tempfile.mkdtemp(dir=folder)
        self.kind = kind
        self.frame = None
        self.log = open(os.path.join(folder, "driver.log"), "wb")
        self.driver = node("drive.js", kind, folder=folder,
                           stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                           stderr=self.log)
        try:
            self.do("start", folder=folder, scripts=scripts, **more)
        except BaseException:
            self.close()
            raise

    @contextlib.contextmanager
    def inside(self, frame):
        """What follows is in the frame whose address ends so."""
        self.frame = frame
        try:
            yield
        finally:
            self.frame = None

    def do(self, name, **args):
        if self.frame is not None:
            args["frame"] = self.frame
        line = json.dumps(dict(args, do=name)) + "\n"
        self.driver.stdin.write(line.encode())
        self.driver.stdin.flush()
        got = json.loads(self.driver.stdout.readline() or
                         b'{"error": "the driver is gone"}')
        if "error" in got:
            raise OSError("%s %s %s: %s" % (self.kind, name, args,
                                            got["error"][:600]))
        return got["value"]

    def run(self, body, *args):
        """The body of a function of a0, a1 ...; its value as JSON."""
        given = "".join("const a%d = %s;" % (n, json.dumps(a))
                        for n, a in enumerate(args))
        return self.do("run", body=given + body)

    def open(self, url):
        self.do("open", url=url)

    def click(self, css, stay=False):
        """A click that leads to a new page, unless it stays on this one."""
        self.do("click", css=css, stay=stay)

    def tick(self, css):
        """What stays on the page.  A page that still moves may let the first
        click on a choice pass beside it."""
        for _ in range(5):
            self.click(css, stay=True)
            if self.run("const e = document.querySelector(a0);"
                        "return !e || e.checked !== false", css):
                return

    def type(self, css, text):
        self.do("type", css=css, text=text)

    def files(self, css, paths):
        self.do("files", css=css, paths=paths)

    def press(self, key, stay=True):
        self.do("press", key=key, stay=stay)

    def texts(self, css):
        """The text of each, as a person sees it."""
        return self.run("return [...document.querySelectorAll(a0)]"
                        ".map((e) => e.innerText.trim())", css)

    def text(self, css="main"):
        got = self.texts(css)
        if not got:
            raise OSError("nothing is " + css)
        return got[0]

    def attribute(self, css, name):
        return self.run("const e = document.querySelector(a0);"
                        "return e && e.getAttribute(a1)", css, name)

    def value(self, css):
        return self.run("return document.querySelector(a0).value", css)

    def has(self, css):
        return self.run("return !!document.querySelector(a0)", css)

    def source(self):
        return self.run("return document.documentElement.outerHTML")

    def page(self):
        return self.attribute("body", "data-page")

    def error(self):
        """(what went wrong, whether it was kept), or None."""
        return self.run("const e = document.querySelector('[data-error]');"
                        "return e && [e.dataset.error, e.dataset.kept]")

    def close(self):
        try:
            self.driver.stdin.close()
            self.driver.wait(30)
        except (OSError, subprocess.TimeoutExpired):
            self.driver.kill()
            self.driver.wait()
        self.driver.stdout.close()
        self.log.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

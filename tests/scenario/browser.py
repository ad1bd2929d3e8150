"""A real browser without a window and without scripts: Debian's Chromium by
chromedriver (WebDriver, https://www.w3.org/TR/webdriver2/)."""
import http.client
import json
import os
import re
import subprocess
import tempfile
import time

ELEMENT = "element-6066-11e4-a52e-4f735466cecf"


class Browser:
    def __init__(self, folder, scripts=False):
        # A source's own computer: what it keeps is not ours to judge, so it
        # stays out of the folders that are searched.
        folder = tempfile.mkdtemp(dir=folder)
        self.log = open(os.path.join(folder, "driver.log"), "wb+")
        self.driver = subprocess.Popen(
            ["chromedriver", "--port=0"], stdin=subprocess.DEVNULL,
            stdout=self.log, stderr=subprocess.STDOUT,
            env=dict(os.environ, TMPDIR=folder, HOME=folder))
        self.session = None
        try:
            self.port = self._port()
            args = ["--headless=new", "--disable-gpu", "--disable-extensions",
                    "--disable-dev-shm-usage", "--no-first-run",
                    "--disable-background-networking",
                    "--disable-component-update", "--disable-sync",
                    "--window-size=480,1000",
                    "--user-data-dir=" + os.path.join(folder, "profile")]
            if os.geteuid() == 0:
                args.append("--no-sandbox")
            options = {"args": args}
            if not scripts:
                options["prefs"] = {
                    "profile.managed_default_content_settings.javascript": 2}
            got = self.call("POST", "/session", {"capabilities": {
                "alwaysMatch": {"browserName": "chrome",
                                "pageLoadStrategy": "normal",
                                "timeouts": {"pageLoad": 600000},
                                "goog:chromeOptions": options}}})
            self.session = "/session/" + got["sessionId"]
        except BaseException:
            self.close()
            raise

    def _port(self):
        for _ in range(200):
            self.log.flush()
            with open(self.log.name, "rb") as f:
                m = re.search(rb"successfully on port (\d+)", f.read())
            if m:
                return int(m.group(1))
            time.sleep(0.1)
        raise OSError("chromedriver does not start")

    def call(self, method, path, body=None):
        c = http.client.HTTPConnection("127.0.0.1", self.port, timeout=900)
        data = None if method == "GET" else json.dumps(body or {})
        c.request(method, path, data, {"Content-Type": "application/json"})
        r = c.getresponse()
        value = json.loads(r.read())["value"]
        c.close()
        if r.status != 200:
            raise OSError("%s %s: %s" % (method, path,
                                         str(value.get("message"))[:400]))
        return value

    def do(self, method, path, body=None):
        return self.call(method, self.session + path, body)

    def open(self, url):
        self.do("POST", "/url", {"url": url})

    def find(self, css):
        return self.do("POST", "/element",
                       {"using": "css selector", "value": css})[ELEMENT]

    def all(self, css):
        return [e[ELEMENT] for e in self.do(
            "POST", "/elements", {"using": "css selector", "value": css})]

    def click(self, css):
        self.do("POST", "/element/%s/click" % self.find(css))

    def type(self, css, text):
        self.do("POST", "/element/%s/value" % self.find(css), {"text": text})

    def text(self, element):
        return self.do("GET", "/element/%s/text" % element)

    def attribute(self, css, name):
        return self.do("GET", "/element/%s/attribute/%s" %
                       (self.find(css), name))

    def source(self):
        return self.do("GET", "/source")

    def page(self):
        return self.attribute("body", "data-page")

    def wait_page(self, *names, seconds=600):
        """Until the body's data-page is one of these."""
        end = time.monotonic() + seconds
        got = None
        while time.monotonic() < end:
            try:
                got = self.page()
                if got in names:
                    return got
            except OSError:
                pass
            time.sleep(0.1)
        raise OSError("page %r, not %r" % (got, names))

    def close(self):
        try:
            if self.session:
                self.do("DELETE", "")
        except OSError:
            pass
        self.driver.terminate()
        try:
            self.driver.wait(20)
        except subprocess.TimeoutExpired:
            self.driver.kill()
            self.driver.wait()
        self.log.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

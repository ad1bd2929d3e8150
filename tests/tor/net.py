"""A Tor network of its own on the loopback: three authorities, three relays, a
host of onion services and clients.  No relay lets anything out, so that what a
client asks for cannot leave the machine.

    with Network(folder) as net:
        net.services(torrc)             # HiddenServiceDir ... below net.data
        net.client("source")            # its SOCKS address
        net.wait_onion("source", "desk")

Learnt the hard way: relays need SocksPort 0, or all but the first end at port
9050; host and clients start when the consensus lists every relay, since one
that keeps an empty consensus waits until it expires; fewer than six nodes are
too few for the hops of an onion service.
"""
import os
import re
import signal
import socket
import subprocess
import time

AUTHORITIES = RELAYS = 3
# A machine that does other things as well is slow; nothing here is measured.
WAIT_SEC = 300

COMMON = """TestingTorNetwork 1
DataDirectory %(dir)s
Log notice file %(dir)s/notice.log
RunAsDaemon 0
ShutdownWaitLength 0
Address 127.0.0.1
AssumeReachable 1
PathsNeededToBuildCircuits 0.67
DisableDebuggerAttachment 1
"""
RELAY = """Nickname %(name)s
ORPort 127.0.0.1:%(port)d
ContactInfo none
ExitRelay 0
SocksPort 0
"""
AUTHORITY = """DirPort 127.0.0.1:%(dirport)d
AuthoritativeDirectory 1
V3AuthoritativeDirectory 1
TestingV3AuthInitialVotingInterval 5
TestingV3AuthInitialVoteDelay 2
TestingV3AuthInitialDistDelay 2
V3AuthVotingInterval 10
V3AuthVoteDelay 2
V3AuthDistDelay 2
V3AuthNIntervalsValid 3
AuthDirMaxServersPerAddr 0
TestingDirAuthVoteGuard *
TestingDirAuthVoteHSDir *
TestingMinExitFlagThreshold 0
"""


class Failed(Exception):
    pass


def free_ports(n):
    """Ports that nobody listens on now, all held until all are found."""
    held = []
    for _ in range(n):
        s = socket.socket()
        s.bind(("127.0.0.1", 0))
        held.append(s)
    ports = [s.getsockname()[1] for s in held]
    for s in held:
        s.close()
    return ports


def wait(what, ready, seconds=WAIT_SEC, every=0.2):
    end = time.monotonic() + seconds
    while True:
        got = ready()
        if got:
            return got
        if time.monotonic() > end:
            raise Failed("waited %d s for %s" % (seconds, what))
        time.sleep(every)


class Network:
    def __init__(self, folder):
        self.data = folder
        os.chmod(folder, 0o700)
        self.running = {}
        self.authorities = ""

    def path(self, *names):
        return os.path.join(self.data, *names)

    def __enter__(self):
        try:
            self.start()
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(self, *_):
        self.stop()

    # -- nodes --

    def write(self, name, text):
        os.makedirs(self.path(name), mode=0o700, exist_ok=True)
        with open(self.path(name + ".torrc"), "w") as f:
            f.write(COMMON % {"dir": self.path(name)} + text)

    def launch(self, name):
        with open(self.path(name + ".out"), "wb") as f:
            self.running[name] = subprocess.Popen(
                ["tor", "--defaults-torrc", os.devnull, "-f",
                 self.path(name + ".torrc")], stdin=subprocess.DEVNULL,
                stdout=f, stderr=subprocess.STDOUT, cwd=self.data)

    def log(self, name):
        try:
            with open(self.path(name, "notice.log")) as f:
                return f.read()
        except FileNotFoundError:
            return ""

    def alive(self, name):
        if self.running[name].poll() is not None:
            with open(self.path(name + ".out")) as f:
                raise Failed("tor %s ended: %s" % (
                    name, (f.read() + self.log(name))[-1500:]))
        return True

    def make_authority(self, n, ports):
        name = "auth%d" % n
        keys = self.path(name, "keys")
        text = RELAY % {"name": name, "port": ports[0]} + \
            AUTHORITY % {"dirport": ports[1]}
        self.write(name, text)
        os.makedirs(keys, mode=0o700)
        subprocess.run(["tor-gencert", "--create-identity-key",
                        "--passphrase-fd", "0", "-m", "12", "-a",
                        "127.0.0.1:%d" % ports[1]], cwd=keys, check=True,
                       input=b"x\n", stdout=subprocess.DEVNULL,
                       stderr=subprocess.DEVNULL)
        with open(os.path.join(keys, "authority_certificate")) as f:
            v3 = re.search(r"^fingerprint (\S+)", f.read(), re.M).group(1)
        # It wants to see an authority before it says its own name.
        with open(self.path(name + ".ask"), "w") as f:
            f.write(COMMON % {"dir": self.path(name)} + text +
                    "DirAuthority x orport=%d v3ident=%s 127.0.0.1:%d %s\n" %
                    (ports[0], v3, ports[1], "f" * 40))
        said = subprocess.run(
            ["tor", "--quiet", "--list-fingerprint", "--defaults-torrc",
             os.devnull, "-f", self.path(name + ".ask")], check=True,
            stdout=subprocess.PIPE, stdin=subprocess.DEVNULL).stdout.decode()
        print_ = "".join(said.split()[1:])
        self.authorities += "DirAuthority %s orport=%d no-v2 v3ident=%s " \
            "127.0.0.1:%d %s\n" % (name, ports[0], v3, ports[1], print_)
        return name, text

    def start(self):
        ports = free_ports(2 * AUTHORITIES + RELAYS)
        nodes = [self.make_authority(n, ports[2 * n:2 * n + 2])
                 for n in range(AUTHORITIES)]
        nodes += [("relay%d" % n, RELAY % {
            "name": "relay%d" % n, "port": ports[2 * AUTHORITIES + n]})
            for n in range(RELAYS)]
        for name, text in nodes:
            self.write(name, text + self.authorities)
            self.launch(name)

        def full():
            all(map(self.alive, self.running))
            try:
                with open(self.path("auth0", "cached-microdesc-consensus")) \
                        as f:
                    return f.read().count("\nr ") >= AUTHORITIES + RELAYS
            except FileNotFoundError:
                return False

        wait("a consensus of all", full)

    def services(self, torrc):
        """The host of onion services."""
        self.write("host", "SocksPort 0\n" + self.authorities + torrc)
        self.launch("host")

    def hostname(self, folder):
        path = os.path.join(folder, "hostname")
        return wait("the name of " + folder, lambda: self.alive("host") and
                    os.path.exists(path) and open(path).read().strip())

    def client(self, name, torrc=""):
        """A Tor of somebody's own; its SOCKS address."""
        port = free_ports(1)[0]
        self.write(name, "SocksPort 127.0.0.1:%d IsolateSOCKSAuth\n" % port +
                   self.authorities + torrc)
        self.launch(name)
        return "127.0.0.1:%d" % port

    def ready(self, *names):
        for name in names:
            wait(name + " to know the network", lambda: self.alive(name) and
                 "Bootstrapped 100%" in self.log(name))

    def reload(self, name):
        self.running[name].send_signal(signal.SIGHUP)

    def peers(self):
        """Whom the running Tors talk to by TCP, as addresses."""
        ours = set()
        for p in self.running.values():
            for fd in os.listdir("/proc/%d/fd" % p.pid):
                try:
                    ours.add(os.readlink("/proc/%d/fd/%s" % (p.pid, fd)))
                except FileNotFoundError:
                    pass
        out = set()
        for table, size in (("tcp", 8), ("tcp6", 32)):
            with open("/proc/net/" + table) as f:
                for line in f.read().split("\n")[1:]:
                    word = line.split()
                    if len(word) > 9 and "socket:[%s]" % word[9] in ours:
                        raw = bytes.fromhex(word[2][:size])
                        raw = b"".join(raw[k:k + 4][::-1]
                                       for k in range(0, len(raw), 4))
                        out.add(socket.inet_ntop(
                            socket.AF_INET if size == 8 else socket.AF_INET6,
                            raw))
        return out

    def stop(self):
        for p in self.running.values():
            p.terminate()
        for p in self.running.values():
            try:
                p.wait(20)
            except subprocess.TimeoutExpired:
                p.kill()
                p.wait()
        self.running.clear()

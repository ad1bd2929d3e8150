"""The desk through a SOCKS5 proxy, by TCP and by unix socket: the proxy is
given the name of the onion service, nothing is looked up here, and nothing
goes another way when the proxy is away."""
import os
import shutil
import socket

import harness
from harness import INSPECTORATE, command
from socks import Proxy

ONION = "a" * 56 + ".onion"


def main(t):
    with t.instance() as i:
        home = os.path.join(i.top, "home")
        shutil.copytree(os.path.join(i.dir, "people", INSPECTORATE), home)
        conf = os.path.join(home, "office.conf")
        with open(conf) as f:
            lines = f.read().split("\n")
        lines = ["url http://" + ONION if x.startswith("url ") else x
                 for x in lines]
        with open(conf, "w") as f:
            f.write("\n".join(lines))

        def fetch(socks, **env):
            return command(
                [i.program("peluit"), "--home", home, "--passphrase-file",
                 os.path.join(i.dir, "people", "passphrase"), "--clock",
                 i.clock_file, "--socks", socks, "--json", "fetch"],
                env=dict(i.env or os.environ, **env))

        tcp = socket.create_server(("127.0.0.1", 0))
        path = os.path.join(i.top, "socks")
        unix = socket.socket(socket.AF_UNIX)
        unix.bind(path)
        unix.listen()
        for what, listener, addr in (
                ("tcp", tcp, "127.0.0.1:%d" % tcp.getsockname()[1]),
                ("unix", unix, "unix:" + path)):
            with t.part(what):
                proxy = Proxy(listener, i.sock["desk"])
                proxy.start()
                p = fetch(addr, no_proxy="*", ALL_PROXY="http://127.0.0.1:1")
                t.equal("fetch by " + what, p.returncode, 0)
                t.check("the proxy was given the name", proxy.asked and
                        set(proxy.asked) == {(3, ONION, 80)}, proxy.asked)
        with t.part("the proxy is away"):
            tcp.close()
            port = socket.create_server(("127.0.0.1", 0))
            addr = "127.0.0.1:%d" % port.getsockname()[1]
            port.close()
            p = fetch(addr)
            t.check("it is said", p.returncode == 1 and
                    '"code":"net"' in p.stdout, p.stdout)
        unix.close()


harness.run(main)

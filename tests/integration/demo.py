# `./dev demo`: the whole product in half a minute. A client without any IPv4 address, a gateway with Dragoman, a web
# server that has IPv4 alone; each a network namespace of this process, so that nothing is left when it ends, however it
# ends. Every step is a command that is shown and really run.
#     demo.py PROGRAM
import os
import re
import shutil
import signal
import sys
import tempfile
import textwrap
import time

import certificates
import lab
import networks

name = "www.v4only.test"
server_address = "203.0.113.80"
doh = "https://[2001:db8:6::1]/dns-query"
width, reading_time = 76, 3  # columns; seconds between steps, on a terminal

picture = r"""
   client6              gateway              server4
  .--------.        .-------------.         .--------.
  |  curl  |--------|  dragoman   |---------|  nginx |
  |  ping  |  IPv6  |             |  IPv4   |        |
  '--------'  only  | DoH  DNS64  |  only   '--------'
                    | NAT64       |
                    '-------------'
  2001:db8:6::2      2001:db8:6::1           203.0.113.80
                     pool 198.51.100.0/24    www.v4only.test
"""


class Demo:
    def __init__(self, program, folder):
        self.program, self.folder = program, folder
        networks.Network.server_address = server_address
        self.network = networks.Network()
        self.places = {"client": self.network.client, "gateway": self.network.gateway, "server": self.network.server}
        self.number, self.running = 0, []
        self.begun = time.monotonic()

    # -- What is seen --
    def step(self, sentence):
        if self.number and sys.stdout.isatty():
            time.sleep(reading_time)
        self.number += 1
        head = f"{self.number}. "
        print("\n" + textwrap.fill(head + sentence, 64, subsequent_indent=" " * len(head)), flush=True)

    def show(self, place, command, *real, only=""):
        """Prints the command as a person would type it, runs it (or what stands for it), and prints what it says: the
        lines that match `only`, and the columns that fit."""
        print(f"\n   {place}$ {command}", flush=True)
        said = self.places[place].run(*(real or command.split()), check=False)
        for line in filter(re.compile(only).search, said.strip().splitlines()):
            print("     " + (line if len(line) <= width else line[:width].rsplit("  ", 1)[0]), flush=True)

    # -- What there is --
    def start(self):
        self.authority = certificates.Authority(self.folder)
        pair = self.authority.issue("dns", ["2001:db8:6::1", "dns.test"])
        site = os.path.join(self.folder, "site")
        os.makedirs(site)
        with open(os.path.join(site, "index.html"), "w", encoding="ascii") as file:
            file.write("Hello from a server that has IPv4 alone.\n")
        self.running.append(self.nginx(site))
        self.serve(pair)

    def nginx(self, site):
        path = os.path.join(self.folder, "nginx.conf")
        temporary = " ".join(f"{kind}_temp_path {self.folder}/nginx;"
                             for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))
        with open(path, "w", encoding="ascii") as file:
            file.write(f"user root; daemon off; master_process off; pid {self.folder}/nginx.pid; events {{ }}\n"
                       f"http {{ log_format short '$remote_addr port $remote_port asked: $request';\n"
                       f"access_log {self.folder}/access short; {temporary}\n"
                       f"server {{ listen {server_address}:80; root {site}; }} }}\n")
        return self.network.server.start(["nginx", "-e", "stderr", "-c", path], self.folder, "nginx")

    def serve(self, pair):
        path = os.path.join(self.folder, "dragoman.yaml")
        with open(path, "w", encoding="ascii") as file:
            lab.json.dump({
                "listen": [doh], "tls": pair.as_config(), "acl": {"allow": ["2001:db8:6::/64"]},
                "local_data": [{"name": name, "a": server_address}],
                "dns64": {"prefixes": ["64:ff9b::/96"]},
                "nat64": {"prefix": "64:ff9b::/96", "pool4": [{"addresses": "198.51.100.1-198.51.100.9"}],
                          "binding_log": {"targets": [{"format": "json", "target": f"{self.folder}/bindings.jsonl"}]}},
                "http": {"listen": ["127.0.0.1:9153"]}, "logging": {"level": "warn"}}, file)
        started = self.network.gateway.start([self.program, "serve", "--config", path], self.folder, "dragoman")
        self.running.append(started)
        started.wait_for_log(r"\bready\b")

    def stop(self):
        for process in self.running:
            process.kill()

    # -- The story --
    def tell(self):
        print(picture.rstrip(), flush=True)
        self.step("The client has no IPv4 address, and the server no IPv6 address. On their own they cannot meet.")
        for place in ("client", "server"):
            self.show(place, "ip -brief address show eth0 scope global")
        self.show("client", f"ping -c 1 {server_address}")

        self.step(f"The client asks for {name} over HTTPS. The name has no AAAA record, so DNS64 makes one: the prefix "
                  "64:ff9b::/96 with the IPv4 address in its last 32 bits.")
        self.show("client", f"dragoman query {name} AAAA @{doh}", self.program, "query", name, "AAAA", f"@{doh}",
                  "--ca", self.authority.file, only=r"EDE|^\S+ +\d+ +IN ")

        self.step("curl resolves the same way and opens the page. The packets go to that address; the NAT64 makes IPv4 "
                  "packets of them, and back.")
        self.show("client", f"curl --doh-url {doh} http://{name}/", "curl", "--silent", "--show-error", "--max-time",
                  10, "--doh-url", doh, "--cacert", self.authority.file, f"http://{name}/")
        self.show("server", "tail -1 /var/log/nginx/access.log", "tail", "-1", f"{self.folder}/access")
        print("\n   The server saw an address of the pool, and has no idea of IPv6.")

        self.step("ping goes through as well; ICMP is translated, too.")
        self.show("client", f"ping -c 3 -i 0.2 64:ff9b::{server_address}", only="bytes from|received")

        self.step("The NAT64 says who has which address and port now.")
        self.show("gateway", "dragoman ctl nat64 sessions", self.program, "ctl", "nat64", "sessions")

        self.step("And later, when somebody asks who had it at that time, the binding log knows.")
        self.who_had()
        spent = time.monotonic() - self.begun
        print(f"\nThat was all of it, in {spent:.0f} seconds; it is cleaned up now.", flush=True)

    def who_had(self):
        with open(f"{self.folder}/access", encoding="ascii") as file:
            address, _, port, *_ = file.read().split()
        words = ["nat64", "who-had", address, port, time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())]
        log = f"{self.folder}/bindings.jsonl"
        self.show("gateway", f"dragoman {' '.join(words)}", self.program, *words, "--log", log)


def interrupt(*_):
    raise KeyboardInterrupt


def main():
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, interrupt)
    folder = tempfile.mkdtemp(prefix="dragoman-demo.")
    os.chmod(folder, 0o755)
    demo = Demo(os.path.abspath(sys.argv[1]), folder)
    try:
        demo.start()
        demo.tell()
    except KeyboardInterrupt:
        print("\nStopped, and cleaned up.")
        return 130
    except AssertionError as error:
        print(f"\nThat did not work:\n{error}", file=sys.stderr)
        return 1
    finally:
        demo.stop()
        shutil.rmtree(folder, ignore_errors=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())

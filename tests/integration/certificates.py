# Certificates for the integration tests, made by the openssl program: a private CA and what it signs.
import ipaddress
import os

import lab


def _san(name):
    try:
        ipaddress.ip_address(name)
        return f"IP:{name}"
    except ValueError:
        return f"DNS:{name}"


def _new_key(kind):
    return ["-newkey", "rsa:2048"] if kind == "rsa" else ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256"]


class Pair:
    """A certificate (with its chain) and its key, as files."""

    def __init__(self, folder, name):
        self.cert = os.path.join(folder, f"{name}.crt")
        self.key = os.path.join(folder, f"{name}.key")

    def as_config(self):
        return {"cert": self.cert, "key": self.key}


class Authority:
    def __init__(self, folder, name="ca"):
        self.folder = folder
        self.pair = Pair(folder, name)
        self.file = self.pair.cert
        lab.run(
            "openssl",
            "req",
            "-x509",
            *_new_key("ec"),
            "-nodes",
            "-days",
            "30",
            "-subj",
            f"/CN=test {name}",
            "-keyout",
            self.pair.key,
            "-out",
            self.pair.cert,
            "-addext",
            "basicConstraints=critical,CA:TRUE",
            "-addext",
            "keyUsage=critical,keyCertSign",
        )

    def issue(self, name, names, kind="ec", days=20):
        """A pair for these names and addresses. `days` below zero: expired since yesterday."""
        pair = Pair(self.folder, name)
        extensions = os.path.join(self.folder, f"{name}.ext")
        request = os.path.join(self.folder, f"{name}.csr")
        with open(extensions, "w", encoding="ascii") as file:
            file.write(
                f"basicConstraints=critical,CA:FALSE\nsubjectAltName={','.join(map(_san, names))}\n"
                "extendedKeyUsage=serverAuth\n"
            )
        lab.run(
            "openssl", "req", *_new_key(kind), "-nodes", "-subj", f"/CN={name}", "-keyout", pair.key, "-out", request
        )
        lab.run(
            "openssl",
            "x509",
            "-req",
            "-in",
            request,
            "-CA",
            self.pair.cert,
            "-CAkey",
            self.pair.key,
            "-set_serial",
            str(int.from_bytes(os.urandom(8), "big")),
            "-days",
            str(days),
            "-extfile",
            extensions,
            "-out",
            pair.cert,
        )
        os.chmod(pair.key, 0o600)
        return pair

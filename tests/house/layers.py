# Who may include whom: modules in layers, libraries where they belong, headers in include/ when others use them.
# A layering that is only written down decays; this keeps it.
import re
import unittest

import tree

# Bytes and time in, results out: what makes tests, fuzzing and replay cheap.
pure_modules = ["dns", "ip", "cache", "dns64", "dnssec", "nat64"]
impure_includes = re.compile(
    r"(sys/(?!socket\.h).*|unistd\.h|fcntl\.h|poll\.h|thread|iostream|fstream|cstdio|future|condition_variable|"
    r"dragoman/base/log\.h|dragoman/net/.*)"
)
impure_calls = re.compile(
    r"\b(\w*[Cc]lock::now|time|gettimeofday|clock_gettime|getenv|printf|std::cout|std::cerr)\s*[(<]"
)

# A library stays behind the modules that wrap it.
libraries = {
    r"openssl/": ["net", "dnssec"],
    r"nghttp2/": ["serve", "upstream"],
    r"boost/beast": ["serve", "admin"],
    r"boost/asio(?!/buffer\.hpp)": ["admin", "app"],
    r"yaml-cpp/": ["config"],
    r"CLI/": ["app"],
    r"spdlog/": ["base"],
    r"(xdp|bpf)/": ["net"],
    r"prometheus/": ["telemetry", "admin", "app"],
    r"sys/(epoll|eventfd|inotify|ioctl|mman|syscall|uio)\.h": ["net"],
    r"(linux|net)/": ["net"],
    r"mutex$": ["base", "cache"],
}

# Headers in include/ that no other module includes. This list may only shrink.
public_all_the_same = {
    "dragoman/resolve/pending_reply.h": "whoever implements QueryHandler, scripted or not, keeps late replies with it"
}


def inclusions():
    """(path, module, line, included name) of every include in the product."""
    for path in tree.product():
        module = tree.module_of(path)
        if module:
            for line, name, _ in tree.includes(path):
                yield path, module, line, name


def project_inclusions():
    """The same, of headers of other modules: (path, module, line, name, other module)."""
    for path, module, line, name in inclusions():
        parts = name.split("/")
        if parts[0] == "dragoman" and parts[1] != module:
            yield path, module, line, name, parts[1]


class Layers(tree.Rule):
    def test_every_module_has_a_layer(self):
        found = {tree.module_of(path) for path in tree.product()} - {None}
        self.hold(
            [f"{module} has no layer" for module in sorted(found - set(tree.rank))],
            "Give the module a place in `layers` in tests/house/tree.py.",
        )

    def test_every_layered_module_is_built_and_described(self):
        built = re.findall(r"^dragoman_library\((\w+)", tree.read("CMakeLists.txt"), re.M)
        described = tree.read("docs/architecture.md") if tree.exists("docs/architecture.md") else ""
        self.hold(
            [f"{module} has no dragoman_library() line" for module in tree.rank if module not in built],
            "Add it to CMakeLists.txt.",
        )
        self.hold(
            [f"{module} is missing" for module in tree.rank if f"`{module}`" not in described],
            "Add a line about it to the table in docs/architecture.md.",
        )

    def test_includes_go_down(self):
        self.hold(
            [
                f"{path}:{line}: {module} may not include {name}"
                for path, module, line, name, other in project_inclusions()
                if tree.rank.get(other, 99) >= tree.rank.get(module, 99)
            ],
            "Move what is shared to a lower module, or pass it in from above.",
        )

    def test_private_headers_stay_private(self):
        found = []
        for path in tree.product():
            for line, name, angled in tree.includes(path):
                if angled or name.startswith("dragoman/"):
                    continue
                module = tree.module_of(path)
                beside = [f"src/{module}/{name}", path.rsplit("/", 1)[0] + "/" + name]
                if not any(tree.exists(place) for place in beside):
                    found.append(f"{path}:{line}: {name}")
        self.hold(found, "Quoted includes name dragoman/<module>/... or a header of the file's own module.")

    def test_pure_modules_stay_pure(self):
        found = [
            f"{path}:{line}: {name}"
            for path, module, line, name in inclusions()
            if module in pure_modules and impure_includes.fullmatch(name)
        ]
        for path in tree.product():
            if tree.module_of(path) in pure_modules:
                for number, text in enumerate(tree.without_comments(tree.read(path)).splitlines(), 1):
                    if impure_calls.search(text):
                        found.append(f"{path}:{number}: {text.strip()}")
        self.hold(
            found,
            "A pure module opens nothing, reads no clock, starts no thread and logs nothing: take it as an "
            "argument, return a reason.",
        )

    def test_libraries_stay_where_they_are_wrapped(self):
        found = []
        for path, module, line, name in inclusions():
            for pattern, owners in libraries.items():
                if re.match(pattern, name) and module not in owners:
                    found.append(f"{path}:{line}: {name} belongs to {', '.join(owners)}")
        self.hold(found, "Use the module that wraps the library.")

    def test_public_headers_are_those_that_other_modules_use(self):
        used = {name for _, _, _, name, _ in project_inclusions()}
        used |= {name for path, _, _, name in inclusions() if path.startswith("include/")}  # part of another's face
        found = [
            f"{path}: no other module includes it"
            for path in tree.product()
            if path.startswith("include/") and path[len("include/") :] not in used | set(public_all_the_same)
        ]
        self.hold(found, "Move the header beside its .cpp in src/, where its own module finds it.")


if __name__ == "__main__":
    unittest.main()

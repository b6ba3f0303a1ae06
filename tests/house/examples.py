# Every example runs: YAML blocks and configuration files pass `dragoman check`, console blocks that are marked `run`
# print what the page says against a server with config/development.yaml, and so do the queries that ./dev run shows.
#
#   ```yaml          a whole configuration when it has a `listen` key; otherwise a fragment, not checked
#   ```console run   lines with "$ " are commands, the others what they print; "..." stands for anything
import os
import re
import shutil
import subprocess
import sys

import tree

sys.path.insert(0, os.path.join(tree.root, "tests", "integration"))
import certificates  # noqa: E402
import lab  # noqa: E402

pages = ["README.md", "SECURITY.md", "CONTRIBUTING.md", "certs/README.md"]
pages += [path for path in tree.files("docs") if path.endswith(".md")]
whole_configurations = ["config/minimal.yaml", "config/dragoman.yaml", "config/development.yaml", "config/nat64.yaml"]


def blocks(page, language):
    """(line number, text) of the fenced blocks with this info string."""
    text = tree.read(page)
    for match in re.finditer(rf"^( *)```{language}\n(.*?)^\1```", text, re.M | re.S):
        yield text.count("\n", 0, match.start()) + 1, re.sub(rf"^{match.group(1)}", "", match.group(2), flags=re.M)


class Examples(tree.Rule, lab.LabTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        # A checkout in small: certs/, config/ and the program where ./dev run builds it.
        shutil.copytree(os.path.join(tree.root, "config"), f"{cls.folder}/config")
        os.makedirs(f"{cls.folder}/certs")
        os.makedirs(f"{cls.folder}/build/release")
        os.symlink(lab.binary(), f"{cls.folder}/build/release/dragoman")
        authority = certificates.Authority(f"{cls.folder}/certs")
        pair = authority.issue("tls", ["localhost", "dragoman.test", "dns.example.net", "127.0.0.1", "::1"])
        for name in ("server.crt", "fullchain.pem"):
            shutil.copy(pair.cert, f"{cls.folder}/certs/{name}")

    def check(self, name, text):
        """What `dragoman check` has against this configuration; None for nothing."""
        path = f"{self.folder}/config/checked.yaml"
        with open(path, "w", encoding="utf-8") as file:
            # Pages show paths from the top of the tree; files name them from their own folder.
            file.write(re.sub(r"(?<![./\w])certs/", "../certs/", text))
        done = subprocess.run([lab.binary(), "check", "--config", path], capture_output=True, text=True, timeout=30)
        return f"{name}:\n{done.stdout}{done.stderr}" if done.returncode else None

    def test_configurations_in_pages_are_good(self):
        found = [
            self.check(f"{page}:{line}", text)
            for page in pages
            if tree.exists(page)
            for line, text in blocks(page, "yaml")
            if re.search(r"^listen:", text, re.M)
        ]
        self.hold(filter(None, found), "Repair the example.")

    def test_configuration_files_are_good(self):
        self.hold(
            filter(None, (self.check(path, tree.read(path)) for path in whole_configurations)), "Repair the file."
        )

    def serve_development(self):
        server = lab.Process(
            [lab.binary(), "serve", "--config", f"{self.folder}/config/development.yaml"],
            self.folder,
            self.unique("development"),
        )
        self.addCleanup(server.kill)
        server.wait_for_log("ready")
        return server

    def shell(self, command):
        return subprocess.run(["bash", "-c", command], cwd=self.folder, capture_output=True, text=True, timeout=30)

    def test_commands_in_pages_print_what_the_page_says(self):
        if not lab.isolated():
            self.skipTest("needs a network namespace, where the ports of config/development.yaml are free")
        self.serve_development()
        found = []
        for page in pages:
            for line, text in blocks(page, "console run") if tree.exists(page) else ():
                for command, expected in re.findall(r"^\$ (.*)\n((?:(?!\$ ).*\n)*)", text, re.M):
                    done = self.shell(command)
                    pattern = re.escape(expected.strip()).replace(r"\.\.\.", ".*")
                    if done.returncode or not re.fullmatch(pattern, done.stdout.strip(), re.S):
                        found.append(f"{page}:{line}: {command}\n{done.stdout}{done.stderr}instead of\n{expected}")
        self.hold(found, "Repair the example.")

    def test_the_queries_that_dev_run_prints_are_answered(self):
        if not lab.isolated():
            self.skipTest("needs a network namespace, where the ports of config/development.yaml are free")
        self.serve_development()
        text = tree.read("dev").split("cat <<'TEXT'", 1)[1].split("\nTEXT", 1)[0].replace("\\\n", " ")
        commands = re.findall(r"^.*?\b((?:dig|kdig|curl|build/release/dragoman) .*)$", text, re.M)
        commands = [
            command for command in commands if "with --http1.1" not in command and "are in the packages" not in command
        ]
        self.assertEqual(len(commands), 6, commands)
        found = []
        for command in commands:
            said = self.shell(command).stdout
            if not re.search(
                r"64:ff9b::c000:250|00 64 ff 9b(?: 00){8} c0 00\s+02 50|dragoman_dns_requests_total",
                said.replace("\n", " "),
            ):
                found.append(f"{command}\n{said}")
        self.hold(found, "Repair the example in ./dev.")


if __name__ == "__main__":
    lab.main()

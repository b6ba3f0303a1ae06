# The container files against each other, as far as that goes without a container engine: what is mounted exists, what is
# published is listened on, and Prometheus and Grafana find each other and the server.
import json
import os
import re
import unittest

import yaml

import observed
from observed import lab

docker = os.path.join(lab.root, "docker")
compose = yaml.safe_load(observed.read("docker", "compose.yaml"))
configuration = yaml.safe_load(observed.read("docker", "dragoman.yaml"))
dockerfile = observed.read("docker", "Dockerfile")


def mounts(service):
    return dict(volume.split(":")[:2] for volume in compose["services"][service]["volumes"])


class Compose(unittest.TestCase):
    def test_mounted_files_exist(self):
        for service in compose["services"]:
            for source in mounts(service):
                if source.startswith("."):
                    self.assertTrue(os.path.exists(os.path.join(docker, source)), f"{service}: {source}")
                else:
                    self.assertIn(source, compose["volumes"])

    def test_everything_is_published_on_loopback_only(self):
        for service, values in compose["services"].items():
            for port in values["ports"]:
                self.assertTrue(port.startswith("127.0.0.1:"), f"{service}: {port}")

    def test_published_ports_are_listened_on_and_exposed(self):
        listened = {re.search(r"\]:(\d+)", url).group(1) for url in configuration["listen"]}
        published = {port.split(":")[2].split("/")[0] for port in compose["services"]["dragoman"]["ports"]}
        self.assertEqual(published, listened)
        exposed = set(re.findall(r"(\d+)/(?:udp|tcp)", re.search(r"^EXPOSE (.*)$", dockerfile, re.M).group(1)))
        self.assertEqual(exposed, listened | {"9153"})

    def test_the_server_has_no_privilege(self):
        server = compose["services"]["dragoman"]
        self.assertTrue(all(int(port.split(":")[2].split("/")[0]) > 1023 for port in server["ports"]))
        self.assertEqual(server["cap_drop"], ["ALL"])
        self.assertTrue(server["read_only"])
        self.assertNotIn("cap_add", server)
        self.assertRegex(dockerfile, r"(?m)^USER 65532:65532$")

    def test_prometheus_scrapes_the_service_by_its_name_and_port(self):
        prometheus = yaml.safe_load(observed.read("config", "prometheus", "prometheus.yml"))
        port = configuration["http"]["listen"][0].rsplit(":", 1)[1]
        self.assertEqual(prometheus["scrape_configs"][0]["static_configs"], [{"targets": [f"dragoman:{port}"]}])
        self.assertIn("/etc/prometheus", mounts("prometheus").values())

    def test_grafana_finds_prometheus_and_the_dashboard(self):
        folder = os.path.join("config", "grafana", "provisioning")
        source = yaml.safe_load(observed.read(folder, "datasources", "prometheus.yaml"))["datasources"][0]
        self.assertEqual(source["url"], "http://prometheus:9090")
        provider = yaml.safe_load(observed.read(folder, "dashboards", "dragoman.yaml"))["providers"][0]
        self.assertEqual(mounts("grafana")["../config/grafana/dashboards"], provider["options"]["path"])
        home = compose["services"]["grafana"]["environment"]["GF_DASHBOARDS_DEFAULT_HOME_DASHBOARD_PATH"]
        self.assertEqual(home, f"{provider['options']['path']}/{os.path.basename(observed.dashboard_file)}")
        json.loads(observed.read(observed.dashboard_file))

    def test_the_image_has_what_the_build_needs(self):
        wanted = re.search(r"^build_packages=\(([^)]*)\)", observed.read("dev"), re.M).group(1).split()
        self.assertEqual(set(wanted) - set(dockerfile.split()), set())

    def test_the_build_context_holds_what_is_copied_and_no_keys(self):
        allowed = {line[1:] for line in observed.read(".dockerignore").splitlines() if line.startswith("!")}
        copied = {path for words in re.findall(r"^COPY (?!--from)(.*)$", dockerfile, re.M) for path in words.split()[:-1]}
        self.assertEqual(copied, allowed)


if __name__ == "__main__":
    unittest.main(verbosity=2)

# Where the comparisons happen: a network namespace that has a loopback device and nothing else, so that no server here can
# reach anybody. Importing this makes the laboratory of the tests importable.
import contextlib
import os
import resource
import shutil
import sys
import tempfile

root = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.path[1:1] = [os.path.join(root, "bench"), os.path.join(root, "tests", "integration")]

inside = "DRAGOMAN_BENCH_INSIDE"


def enter():
    """Begins the program anew in such a namespace, once, with as many descriptors and ports as there are."""
    if inside not in os.environ:
        unshare = ["unshare", "--net"] + ([] if os.geteuid() == 0 else ["--map-root-user"])
        os.environ[inside] = "yes"
        os.execvp("unshare", unshare + ["sh", "-c", 'ip link set lo up && exec "$@"', "bench", sys.executable] + sys.argv)
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    with open("/proc/sys/net/ipv4/ip_local_port_range", "w", encoding="ascii") as file:
        file.write("10000 65000")


@contextlib.contextmanager
def folder():
    """One that every server may read, whoever it becomes; gone afterwards."""
    path = tempfile.mkdtemp(prefix="dragoman-bench.")
    os.chmod(path, 0o755)
    try:
        yield path
    finally:
        shutil.rmtree(path, ignore_errors=True)


def say(text):
    print(f"  {text}", file=sys.stderr, flush=True)

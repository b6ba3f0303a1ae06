# Writes the seeds of binding_history_fuzz: logs in both forms, whole, torn and reshaped.
import os

folder = os.path.join(os.path.dirname(os.path.abspath(__file__)), "corpus", "binding_history")


def json_line(time, event, *fields):
    pairs = "".join(f',"{name}":{value if isinstance(value, int) else chr(34) + value + chr(34)}' for name, value in fields)
    return f'{{"time":"2026-11-27T{time}Z","event":"{event}"{pairs}}}\n'


def syslog_line(time, event, *fields):
    pairs = "".join(f' {name}="{str(value).replace("]", chr(92) + "]")}"' for name, value in fields)
    text = " ".join(str(value) for _, value in fields)
    return f"<30>1 2026-11-27T{time}Z nat1 dragoman 71 {event} [binding@32473{pairs}] {text}\n"


block = (("subscriber", "2001:db8:1::/64"), ("address", "198.51.100.1"), ("ports", "1024-1279"))
session = (("protocol", "udp"), ("inside", "[2001:db8:1::5]:40000"), ("outside", "198.51.100.1:1030"))


def log(line):
    return (
        line("22:00:00.000", "started", ("host", "nat1"), ("instance", 0), ("logs", "sessions"))
        + line("22:00:00.000", "pool", ("addresses", "198.51.100.1-198.51.100.4"), ("ports", "1024-65535"))
        + line("22:00:00.000", "static_binding", ("protocol", "tcp"), *session[1:])
        + line("22:30:00.000", "block_allocated", *block)
        + line("22:30:00.001", "session_created", *session)
        + line("22:31:10.000", "session_deleted", *session, ("remote", "192.0.2.80:443"))
        + line("22:31:10.001", "session_deleted", *session)
        + line("22:31:20.000", "lost", ("lost", 3), ("since", "2026-11-27T22:31:15.000Z"), ("reason", "queue_full"))
        + line("22:31:30.000", "block_released", *block)
        + line("22:31:31.000", "changed", ("host", "nat1"), ("instance", 0))
        + line("22:31:40.000", "started", ("host", "nat2"), ("instance", 0))
        + line("22:31:50.000", "stopped", ("host", "nat2"), ("instance", 0))
    )


seeds = {
    "json": log(json_line),
    "syslog": log(syslog_line),
    "torn": log(json_line)[:-60] + "\n" + json_line("22:31:00.000", "block_released", *block)[:80],
    "reshaped": log(json_line).replace('":"', '" : "').replace("{", "nat1: { ").replace("\n", "\r\n"),
    "foreign": "Nov 27 22:31:00 nat1 kernel: hello\n" + syslog_line("22:31:00.000", "other") + '{"event":"x"}\n',
}

if __name__ == "__main__":
    os.makedirs(folder, exist_ok=True)
    for name, text in seeds.items():
        with open(os.path.join(folder, name), "w", encoding="ascii", newline="") as file:
            file.write(text)

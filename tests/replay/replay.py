#!/usr/bin/python3
# Plays scripts of resolver test suites (`.rpl`: those of Unbound's testdata, of Deckard, and our own) against the
# program: `replay.py SCRIPT...`. Set $DRAGOMAN to its path if it is not in build/. The exit status is 0 when no script
# failed; those that ask for what we have not are told, and count as neither.
#
# The scripts are written for resolvers that iterate, and the program forwards: recursion.py stands between. What then
# differs from such a resolver is left out of the comparison, see comparison.py.
import argparse
import concurrent.futures
import contextlib
import os
import shutil
import socket
import struct
import sys
import tempfile
import threading
import time
import traceback

import dns.exception
import dns.flags
import dns.message
import dns.rdatatype

import anchor_state
import comparison
import expressions
import program
import recursion
import script as scripts
import signing
import todays_keys
from script import Refused

_patience_s = 10


class Failed(Exception):
    """The program did something else than the script expects."""


class Upstream:
    """The recursive resolver, on a TCP port. A question to which a step of the script is the reply waits for it."""

    def __init__(self, script, address, step_of_now):
        self.script, self.step = script, step_of_now
        self.recursion = recursion.Recursion(script, self.say)
        self.replies_come_in_steps = any(step.kind in ("REPLY", "TIMEOUT", "ERROR") for step in script.steps)
        self.changed = threading.Condition()
        self.asked = []  # every question so far
        self.pending = []  # questions that wait for a step
        self.working = 0
        self.listener = socket.create_server((address, 0))
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def say(self, address, question, transport):
        """What the server with this address says now."""
        for each in self.script.ranges:
            if not each.first <= self.step() <= each.last or each.addresses and address not in each.addresses:
                continue
            for entry in each.entries:
                if entry.matches(question, transport):
                    return entry
        return None

    def _accept(self):
        with contextlib.suppress(OSError):
            while True:
                stream, _ = self.listener.accept()
                threading.Thread(target=self._serve, args=(stream,), daemon=True).start()

    def _serve(self, stream):
        lock = threading.Lock()
        with contextlib.suppress(OSError, EOFError, dns.exception.DNSException), stream:
            while True:
                query = dns.message.from_wire(program.received(stream))
                threading.Thread(target=self._answer, args=(stream, lock, query), daemon=True).start()

    def _answer(self, stream, lock, query):
        with self.changed:
            self.working += 1
            try:
                answer = self._find(query)
            except Exception:  # told, and the program gets SERVFAIL
                traceback.print_exc()
                answer = None
            self.working -= 1
            self.changed.notify_all()
        wire = recursion.response(query, answer).to_wire(max_size=65535)
        with contextlib.suppress(OSError), lock:
            stream.sendall(struct.pack("!H", len(wire)) + wire)

    def _find(self, query):
        asked = query.question[0]
        question = scripts.Question(asked.name, asked.rdtype, asked.rdclass)
        self.asked.append(question)
        answer = self.recursion.resolve(question)
        if answer is not None or not self.replies_come_in_steps:
            return answer
        place = {"question": question, "answer": None, "over": False}
        self.pending.append(place)
        self.changed.notify_all()
        self.changed.wait_for(lambda: place["over"], _patience_s)
        if place in self.pending:
            self.pending.remove(place)
        return place["answer"]

    def settle(self, entry, is_answer=True):
        """A step answers the question that waits and that the entry is for, or ends it."""
        with self.changed:
            for place in self.pending:
                if entry is None or entry.matches(place["question"]):
                    place["answer"] = recursion.Answer.of(entry.message()) if is_answer and entry else None
                    place["over"] = True
                    self.pending.remove(place)
                    self.changed.notify_all()
                    return True
        return False

    def is_quiet(self):
        return self.working == len(self.pending)

    def stop(self):
        self.listener.close()
        with self.changed:
            for place in self.pending:
                place["over"] = True
            self.changed.notify_all()


class Replay:
    """One script, once."""

    def __init__(self, path, strict=False, keep_keys=False):
        self.strict = strict
        self.script = read_script(path, keep_keys)
        self.number = 0
        self.values = {}

    def run(self):
        """Failed or Refused, where there is something to say."""
        folder = tempfile.mkdtemp(prefix="dragoman-replay.")
        os.chmod(folder, 0o755)
        self.address = program.own_address()
        self.upstream = Upstream(self.script, self.address, lambda: self.number)
        try:
            self._run(folder)
        finally:
            self.upstream.stop()
            shutil.rmtree(folder, ignore_errors=True)

    def _run(self, folder):
        self.folder = folder
        self.clock = program.Clock(folder)
        self.can_pass_time = clock_library() is not None
        self.clock.set(program.date_of(self.script))
        places = program.Places(self.address, self.upstream.port)
        configuration = program.configuration_of(self.script, places, folder, not self.can_pass_time)
        self.answers = program.Answers(self.address, places.front_port)
        self.server = start(folder, configuration, self.clock)
        try:
            for step in self.script.steps:
                self.number = step.number
                self._take(step)
        finally:
            self.server.kill()

    def _take(self, step):
        take = getattr(self, "step_" + step.kind.lower(), None)
        if take is None:
            raise Refused(f"line {step.line}: no {step.kind} here")
        try:
            take(step)
        except Failed as failure:
            raise Failed(f"step {step.number}: {failure}") from None

    # -- The steps --
    def step_query(self, step):
        if step.entry.question and step.entry.question.type == dns.rdatatype.ANY:
            raise Refused(f"line {step.line}: questions for ANY are answered by RFC 8482")
        query = step.entry.message(identifier=step.number & 0xFFFF)
        query.flags &= ~dns.flags.QR
        if step.entry.flags is None:
            query.flags |= dns.flags.RD
        if self._expects_authentic(step):
            query.flags |= dns.flags.AD
        place = self.answers.ask(query)
        end = time.monotonic() + _patience_s
        quiet_since = None
        while place["answer"] is None and time.monotonic() < end:
            with self.answers.changed:
                self.answers.changed.wait(0.02)
            if not (self.upstream.pending and self.upstream.is_quiet()):
                quiet_since = None
            elif quiet_since is None:
                quiet_since = time.monotonic()
            elif time.monotonic() - quiet_since > 0.2:
                return  # a later step brings what it waits for

    def _expects_authentic(self, step):
        """Old scripts expect AD of an answer to who did not ask for it, as it was before RFC 6840 5.7."""
        later = self.script.steps[self.script.steps.index(step) :]
        answer = next((each.entry for each in later if each.kind == "CHECK_ANSWER" and each.entry), None)
        return answer is not None and "AD" in (answer.flags or ())

    def step_check_answer(self, step):
        if step.entry is None or step.entry.question is None and step.entry.wire is None:
            raise Refused(f"line {step.line}: an expectation without a question")
        wanted = step.entry.message()
        answer = self.answers.take(wanted.question[0].name, _patience_s)
        if answer is None:
            raise Failed("there is no answer")
        if isinstance(answer, Exception):
            raise Failed(f"there is no answer ({answer})")
        found = comparison.differences(step.entry, answer, self.strict)
        if found:
            asked = " ".join(str(each) for each in answer.question)
            raise Failed(f"{asked}: {'; '.join(found)}\n{indented(answer)}")

    def step_check_out_query(self, step):
        if step.entry is None:
            return

        def was_asked():
            return any(step.entry.matches(question) for question in self.upstream.asked)

        with self.upstream.changed:
            if not self.upstream.changed.wait_for(was_asked, 3):
                raise Failed(f"{step.entry.question} was not asked of anybody")

    def step_reply(self, step):
        if not self._eventually(lambda: self.upstream.settle(step.entry)):
            raise Failed("nothing waits for this reply")
        time.sleep(0.1)

    def step_timeout(self, step):
        self._eventually(lambda: self.upstream.settle(step.entry, is_answer=False), within=1)
        time.sleep(0.1)

    step_error = step_timeout

    def _eventually(self, condition, within=_patience_s):
        end = time.monotonic() + within
        while not condition():
            if time.monotonic() > end:
                return False
            time.sleep(0.02)
        return True

    def step_nothing(self, step):
        pass

    step_traffic = step_nothing

    def step_time_passes(self, step):
        if not self.can_pass_time:
            raise Refused("time cannot pass: no settable clock")
        self._let_questions_be_answered()
        text = " ".join(step.words[1:])
        self.clock.pass_by(int(float(text)) if step.words[0] == "ELAPSE" else self._evaluate(text))
        time.sleep(0.1)  # until everybody has noticed

    def _let_questions_be_answered(self):
        """A question on its way when an hour passes would seem to have waited for an hour."""
        with self.upstream.changed:
            if self.script.files:  # asks for keys as soon as it is there
                self.upstream.changed.wait_for(lambda: self.upstream.asked, 2)
            self.upstream.changed.wait_for(self.upstream.is_quiet, 2)
        time.sleep(0.2)

    # -- RFC 5011: files of state are compared by what they say about keys --
    def step_assign(self, step):
        name, _, expression = " ".join(step.words).partition("=")
        self.values[name.strip()] = self._evaluate(expression)

    def _evaluate(self, text):
        """${...}: numbers, variables, the time, the time until the next query for keys."""
        now = int(self.clock.now())
        with contextlib.suppress(FileNotFoundError):
            self.values["next"] = anchor_state.next_query(self.folder)
        return expressions.value(text, self.values, now)

    def step_check_autotrust(self, step):
        wanted = anchor_state.expected(step.lines)
        seen = {}

        def is_so():
            seen.clear()
            seen.update(anchor_state.of_program(self.folder, step.words[0]))
            return seen == wanted

        if not self._eventually(is_so):
            raise Failed(f"the keys of {step.words[0]} are {seen}, not {wanted}")

    def step_check_tempfile(self, step):
        raise Refused("files of another program are not compared")


def indented(message):
    return "\n".join("      " + line for line in str(message).splitlines())


_clock = {}


def clock_library():
    """Found or made once."""
    if "library" not in _clock:
        _clock["library"] = program.Clock.library()
    return _clock["library"]


def start(folder, configuration, clock):
    """The program, with the script's clock."""
    environment = {}
    if clock_library():
        environment = {"LD_PRELOAD": clock_library(), "REPLAY_CLOCK_OFFSETS": clock.path}
    try:
        return program.lab.Dragoman(folder, configuration, environment=environment)
    except (OSError, AssertionError) as error:
        raise Failed(f"the program does not start: {error}") from None


def read_script(path, keep_keys=False):
    with open(path, encoding="utf-8", errors="replace") as file:
        script = scripts.read(file.read(), signing.Directives(scripts.Record))
    if not keep_keys:
        todays_keys.TodaysKeys(script).replace()
    return script


def play(path, strict=False, keep_keys=False):
    """(verdict, why): passed, failed or refused."""
    try:
        Replay(path, strict, keep_keys).run()
    except Refused as refusal:
        return "refused", str(refusal)
    except Failed as failure:
        return "failed", str(failure)
    except Exception:  # of the runner, or the program would not start
        return "failed", "the runner fails:\n" + traceback.format_exc()
    return "passed", ""


def play_all(paths, jobs, **options):
    """(path, verdict, why) of each, in their order."""
    clock_library()
    with concurrent.futures.ThreadPoolExecutor(jobs) as pool:
        played = [pool.submit(play, path, **options) for path in paths]
        for path, future in zip(paths, played):
            yield path, *future.result()


def main():
    parser = argparse.ArgumentParser(description="Plays scripted conversations of resolver test suites.")
    parser.add_argument("scripts", nargs="+", metavar="SCRIPT", help="an .rpl file, or a folder of them")
    parser.add_argument("--jobs", type=int, default=2 * (os.cpu_count() or 1), help="scripts that play at a time")
    parser.add_argument("--strict", action="store_true", help="compare what a forwarder need not pass on, too")
    parser.add_argument("--keep-keys", action="store_true", help="leave DSA keys and signatures as they are")
    parser.add_argument("--print", action="store_true", help="write the scripts out with all records, play nothing")
    chosen = parser.parse_args()
    if chosen.print:
        for path in chosen.scripts:
            sys.stdout.write(written_out(path))
        return 0
    counts = {"passed": 0, "failed": 0, "refused": 0}
    paths = [path for given in chosen.scripts for path in scripts_in(given)]
    for path, verdict, why in play_all(paths, chosen.jobs, strict=chosen.strict, keep_keys=chosen.keep_keys):
        counts[verdict] += 1
        print(f"{verdict:8}{path}" + (f": {why}" if why else ""), flush=True)
    print(f"{counts['passed']} passed, {counts['failed']} failed, {counts['refused']} skipped")
    return 1 if counts["failed"] else 0


def scripts_in(path):
    if not os.path.isdir(path):
        return [path]
    return sorted(os.path.join(path, name) for name in os.listdir(path) if name.endswith(".rpl"))


def written_out(path):
    """The text of a script, with the records instead of the comments that stand for them."""
    reader = scripts.Reader("", signing.Directives(scripts.Record))
    lines, above = [], []
    with open(path, encoding="utf-8") as file:
        for line in file.read().splitlines():
            words = line.strip().lstrip(";").split()
            if line.startswith(";trust-anchor"):
                lines.append(f'\ttrust-anchor: "{reader.directives.trust_anchor(words[1:])}"')
            elif line.strip().startswith(";") and (made := reader.directives.records(words, above)):
                above += made
                lines += [f"{each.name} {each.ttl} IN {dns.rdatatype.to_text(each.rdata.rdtype)} {each.rdata}"
                          for each in made]
            else:
                lines.append(line)
                above = above_after(reader, line, above)
    return "\n".join(lines) + "\n"


def above_after(reader, line, above):
    """The records of the section that this line belongs to."""
    text = scripts.without_comment(line)
    if text.split()[:1] in ([], ["SECTION"], ["ENTRY_BEGIN"]):
        return above if not text else []
    with contextlib.suppress(Refused):
        return above + [reader.record_of(text)]
    return above


if __name__ == "__main__":
    sys.exit(main())

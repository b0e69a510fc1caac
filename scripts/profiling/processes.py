"""Runs other programs so that none outlives an interrupt."""

import os
import shutil
import signal
import subprocess

STOP_SECONDS = 10


class Finished:
    """How a program ended. `output` and `errors` are what it printed, where it was captured."""

    def __init__(self, command, status, output, errors):
        self.command, self.status, self.output, self.errors = command, status, output, errors

    @property
    def said(self):
        """What explains a failure: all that was printed, errors last."""
        return "\n".join(text.strip() for text in (self.output, self.errors) if text and text.strip())


def run(command, seconds_max=None, **options):
    """Runs `command` in a process group of its own, with both outputs captured unless `options` of Popen say otherwise.

    Raises OSError if it cannot be started and TimeoutError if it takes longer than `seconds_max`.
    """
    for stream in ("stdout", "stderr"):
        options.setdefault(stream, subprocess.PIPE)
    process = subprocess.Popen(_dies_with_us(command), stdin=subprocess.DEVNULL, start_new_session=True, text=True,
                               errors="replace", **options)
    try:
        output, errors = process.communicate(timeout=seconds_max)
    except subprocess.TimeoutExpired:
        raise TimeoutError(f"{command[0]} took longer than {seconds_max} s") from None
    finally:
        _stop(process)
    return Finished(command, process.returncode, output, errors)


def _dies_with_us(command):
    """Even of a script that is killed the children end."""
    if not shutil.which(command[0]):
        raise FileNotFoundError(2, "not found", command[0])
    setpriv = shutil.which("setpriv")
    return [setpriv, "--pdeathsig", "TERM", *command] if setpriv else command


def _stop(process):
    for asked in (signal.SIGINT, signal.SIGKILL):
        if process.poll() is None:
            _signal_group(process, asked)
            try:
                process.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                continue
    for stream in (process.stdout, process.stderr):
        if stream:
            stream.close()


def _signal_group(process, asked):
    try:
        os.killpg(process.pid, asked)
    except ProcessLookupError:
        pass  # it has just ended


def interrupt_on_signals():
    """SIGTERM and SIGHUP end the script as Ctrl-C does: with everything cleaned up."""
    def interrupt(*_):
        raise KeyboardInterrupt
    for each in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(each, interrupt)

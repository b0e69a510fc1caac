"""A line that says how far a comparison is and how long it will take yet."""

import shutil
import sys
import time

# How much of the whole a stage is, about; what is left out later is caught up with.
STAGES = {"counting": (0.0, 0.3), "screen": (0.3, 0.25), "floor": (0.55, 0.15), "confirm": (0.7, 0.3),
          "baseline": (0.0, 1.0)}
WORDS = {"counting": "counting", "screen": "screening", "floor": "the base with itself", "confirm": "confirming",
         "baseline": "measuring"}
TERMINAL_SECONDS, PIPE_SECONDS = 0.2, 15.0


class Progress:
    def __init__(self, to=None):
        self.to = to or sys.stderr
        self.terminal = self.to.isatty()
        self.shown = None
        self.first = None

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.terminal and self.shown is not None:
            self.to.write("\r\033[K")
            self.to.flush()

    def show(self, stage, done, planned, row):
        now = time.monotonic()
        if self.shown is not None and now - self.shown < (TERMINAL_SECONDS if self.terminal else PIPE_SECONDS):
            return
        self.shown = now
        line = self.line(stage, done, planned, row, now)
        self.to.write(f"\r\033[K{line[:shutil.get_terminal_size().columns - 1]}" if self.terminal else f"{line}\n")
        self.to.flush()

    def line(self, stage, done, planned, row, now):
        before, share = STAGES[stage]
        reached = before + share * done / max(planned, 1)
        if self.first is None:
            self.first = (now, reached)
        start, reached_then = self.first
        left = ""
        if reached - reached_then > 0.02:
            seconds = round((now - start) / (reached - reached_then) * (1 - reached))
            left = f" about {seconds // 60}:{seconds % 60:02} left"
        return f"[{100 * reached:3.0f} %]{left}  {WORDS[stage]} {done} of {planned}: {row}"

"""Keeps what a comparison has measured, so that one that was killed goes on where it stopped."""

import json
import os


class Journal:
    """Measurements by kind and row, in the order in which they were made. close(done=True) forgets them.

    What was recorded before is handed out first, measurement by measurement; whoever asks in the same order as the run
    that was killed gets the same answers. A line that was cut short ends what can be used.
    """

    def __init__(self, path, header):
        self.path = path
        self.recorded = {}
        self.count = 0
        os.makedirs(os.path.dirname(path), exist_ok=True)
        lines = self._read(header)
        self.file = open(f"{path}.unfinished", "w", encoding="utf-8")  # pylint: disable=consider-using-with
        self._write(header)
        for line in lines:
            self._write(line)
            self.recorded.setdefault((line["kind"], line["row"]), []).append(line["value"])
        self.count = len(lines)
        os.replace(f"{path}.unfinished", path)

    def _read(self, header):
        lines = []
        try:
            with open(self.path, encoding="utf-8") as file:
                if json.loads(file.readline()) != header:
                    return []
                for line in file:
                    found = json.loads(line)
                    if not _is_measurement(found):
                        break
                    lines.append(found)
        except (OSError, ValueError, RecursionError):
            pass
        return lines

    def get(self, kind, row, measure):
        """The next recorded value of this kind and row, or what `measure()` returns, recorded."""
        waiting = self.recorded.get((kind, row))
        if waiting:
            return waiting.pop(0)
        value = measure()
        self._write({"kind": kind, "row": row, "value": value})
        return value

    def _write(self, line):
        self.file.write(json.dumps(line) + "\n")
        self.file.flush()

    def close(self, done):
        self.file.close()
        if done and os.path.exists(self.path):
            os.unlink(self.path)


def _is_measurement(line):
    return (isinstance(line, dict) and set(line) == {"kind", "row", "value"} and isinstance(line["kind"], str)
            and isinstance(line["row"], str) and isinstance(line["value"], dict))

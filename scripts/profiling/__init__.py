"""Flame graphs of benchmark rows: what scripts/profile does."""


class ProfileError(Exception):
    """What ends a profile; the message says what and why. `status` 2 means unusable arguments."""

    def __init__(self, message, status=1):
        super().__init__(message)
        self.status = status

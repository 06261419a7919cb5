"""How an action says no: one sentence that the person who asked can read."""


class Refused(Exception):
    """The state of things does not allow the act. `str()` is shown to the user as it is."""


class Clash(Refused):
    """Somebody else was faster. Nothing was overwritten; the later one is told (HTTP 409)."""

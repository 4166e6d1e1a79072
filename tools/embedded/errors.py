class EmbeddedError(RuntimeError):
    """The embedded servers cannot do what was asked; the message says why and what to do."""


class AlreadyRunning(EmbeddedError):
    """Another process holds the state folder."""

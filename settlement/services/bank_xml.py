"""ISO 20022."""


def payment_file(order, at):
    raise NotImplementedError

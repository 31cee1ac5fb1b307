"""For a process without database and `Service`: the gateway, which only hears broadcasts."""

from servicekit.bus.amqp import AmqpTransport


def listening_transport(url: str, *, name: str, namespace: str = "") -> AmqpTransport:
    """A transport that never publishes:

    async with listening_transport(url, name="gateway") as transport, transport.broadcast({SessionEnded: drop}):
        ...
    """
    return AmqpTransport(url, name=name, namespace=namespace, publishing=False)

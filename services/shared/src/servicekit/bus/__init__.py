"""The bus: one small protocol, two transports (AMQP and in-process)."""

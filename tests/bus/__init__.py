"""The bus: one conformance suite for both transports, and what only AMQP has."""

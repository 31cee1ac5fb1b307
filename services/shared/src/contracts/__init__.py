"""What crosses the bus, and the values of the domain that more than one service speaks of. Pydantic only."""

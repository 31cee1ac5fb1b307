"""Object stores that answer over a network."""

"""Sessions: login, choice of the unit, and the tokens they are swapped for."""

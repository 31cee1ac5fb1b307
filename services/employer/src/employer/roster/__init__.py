"""The billing roster: who each unit owes contributions for, as enrollment told it over the bus."""

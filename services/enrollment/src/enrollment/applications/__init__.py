"""Applications (申报) of every kind: their numbers, states, searches and withdrawal."""

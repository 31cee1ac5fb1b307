"""增员: declaring a new employee, and what its approval does."""

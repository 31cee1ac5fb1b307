"""减员: declaring that an employee leaves, and what its approval does."""

"""职工参保证明: one person's insurance and contributions in a range of months (domain.md §6)."""

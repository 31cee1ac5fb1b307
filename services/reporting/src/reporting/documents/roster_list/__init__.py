"""参保人员花名册: the people of a unit (domain.md §6)."""

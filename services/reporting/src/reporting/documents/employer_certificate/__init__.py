"""单位缴费证明: a unit's contributions by month and insurance type (domain.md §6)."""

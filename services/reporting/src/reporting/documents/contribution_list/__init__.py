"""单位参保人员缴费明细表: a unit's contributions person by person, with sub-totals by month (domain.md §6)."""

"""The contribution ledger (缴费台账): rows of people, statements of units, receipts, and the look-ups."""

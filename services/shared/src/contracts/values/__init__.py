"""Values of the domain that several services speak of: months, identifiers, money. Pure, no I/O.

They live beside the events because events carry them and every service reads them the same way.
"""

"""Accounts of agency staff: opened and closed by operators, begun with a one-time code."""

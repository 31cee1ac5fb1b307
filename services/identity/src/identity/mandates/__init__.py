"""Mandates: which account may act for which unit, and how."""

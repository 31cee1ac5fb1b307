"""Recognising insured persons' accounts: whose an account of identity is (ADR 0015)."""

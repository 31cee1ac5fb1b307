"""Codes by text message: made, sent, used up."""

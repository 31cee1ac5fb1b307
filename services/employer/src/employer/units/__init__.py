"""Insured units (参保单位): what is known of them, and opening them."""

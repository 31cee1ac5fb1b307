"""Insured persons' accounts: telling enrollment whose they are, and hearing whose insurance each may see."""

"""What an insured person (个人) sees of the ledger: their own contributions at every unit."""

"""What an insured person (个人) sees of their own: their coverage, and the facts of their certificate."""

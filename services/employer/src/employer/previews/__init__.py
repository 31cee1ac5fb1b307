"""What a declaration will cost (费用测算): the contributions of a wage, before anything is submitted."""

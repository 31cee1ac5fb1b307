"""参保人员信息维护: a unit keeps the household and contact data of its insured people up to date."""

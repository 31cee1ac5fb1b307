"""People (参保人员): one row a person, identity and mobile numbers sealed."""

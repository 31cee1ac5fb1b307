"""The roster of insured people (参保人员名单) of a unit."""

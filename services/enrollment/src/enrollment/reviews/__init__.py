"""The review desk (审核): queue, findings, before and after, the decision."""

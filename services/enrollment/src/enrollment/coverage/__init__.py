"""Coverage (参保关系): one row per person, insurance type and spell."""

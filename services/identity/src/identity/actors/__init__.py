"""Who stands behind the account ids of audit entries (审计查询), for the agency's operators."""

"""Full identity and mobile numbers, shown on demand (查看完整号码)."""

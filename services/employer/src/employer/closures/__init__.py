"""Closing insured units and opening them again (单位注销与恢复)."""

"""API keys: an employer's HR system acts for a unit without anybody signing in."""

"""The gateway: session to token, routing, limits, the pages. Knows no domain."""

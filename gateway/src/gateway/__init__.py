"""The gateway: session → token, routing, limits, security headers and the pages. It knows no domain."""

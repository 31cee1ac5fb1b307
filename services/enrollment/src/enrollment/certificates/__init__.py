"""The facts a certificate (参保证明) needs, for the reporting service."""

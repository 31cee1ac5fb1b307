"""Whether a printed document is genuine: codes, and the public page behind the QR code."""

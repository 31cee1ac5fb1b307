"""The second factor: dynamic codes (动态口令, TOTP) of an authenticator app, and recovery codes for its loss."""

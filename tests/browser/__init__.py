"""The pages, driven in a real browser against a real hall."""

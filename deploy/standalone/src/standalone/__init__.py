"""The whole hall on one machine."""

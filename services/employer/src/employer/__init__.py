"""The employer service."""

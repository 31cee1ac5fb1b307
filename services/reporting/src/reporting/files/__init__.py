"""The files that reports made: what they are called, where they lie, and until when."""

"""Tables that people upload (.xlsx, .csv): looked at from outside, and opened in a process with limits."""

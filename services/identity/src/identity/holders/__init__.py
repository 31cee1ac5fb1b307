"""网厅账号 at the agency's window: operators look an account up, and release what it was registered with."""

"""Nobody gets what is not theirs, and nothing that comes in breaks anything: the hall seen by an attacker."""

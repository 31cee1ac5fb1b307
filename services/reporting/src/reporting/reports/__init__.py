"""Report jobs (报表中心): asked for, made by workers, looked at, fetched, expired."""

"""What reports say of a unit and of its contributions as a whole, for the reporting service."""

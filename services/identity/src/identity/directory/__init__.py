"""The directory of units for registration, a copy fed by the employer service's events."""

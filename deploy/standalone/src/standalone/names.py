"""The services by name, in the order in which demo data are put in."""

SERVICES = ("identity", "employer", "enrollment", "reporting")

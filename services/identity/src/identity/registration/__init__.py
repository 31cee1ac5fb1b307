"""Registration: unit, person, text message, username and password."""

"""Invitations: a unit's legal representative asks somebody to be its agent; who is asked accepts or refuses."""

"""站内消息: what the agency has decided of a unit's applications, as it happens and since somebody last looked."""

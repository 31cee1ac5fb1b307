"""A forgotten password: username and a code by text message set a new one."""

"""Single sign-on: accounts of elsewhere that open accounts of the hall."""

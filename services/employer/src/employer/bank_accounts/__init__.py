"""单位银行账户: the account of a unit, its change, and the accounts it had before."""

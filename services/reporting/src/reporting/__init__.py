"""Reporting (报表打印): report jobs, the documents they make, and the codes that confirm them."""

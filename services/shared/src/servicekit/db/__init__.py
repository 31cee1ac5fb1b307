"""PostgreSQL: the declarative base, column types, transactions, migrations, provisioning."""

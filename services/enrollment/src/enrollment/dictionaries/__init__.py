"""Code tables (代码表): seed data in the database, versioned, served by one public endpoint."""

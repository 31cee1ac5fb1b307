"""Receipts of the tax authority (到账导入): a file is uploaded, checked, confirmed, and settles statements."""

"""审核设置: which kinds of application are decided automatically when all checks pass."""

"""What was issued: the documents, their facts, and how each kind is laid out."""

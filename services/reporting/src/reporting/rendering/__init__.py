"""Turns a document's content into a PDF, in child processes with limits. Only the child imports WeasyPrint."""

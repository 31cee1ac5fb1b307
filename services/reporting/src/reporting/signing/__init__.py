"""The agency's electronic signature on documents (电子签章): put on by workers, checked on the verification page."""

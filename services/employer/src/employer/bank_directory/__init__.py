"""银行名录: bank classes and branches, brought in by the agency as a file."""

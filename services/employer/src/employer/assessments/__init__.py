"""Assessment (核定): gives every coverage of a month its contribution rows."""

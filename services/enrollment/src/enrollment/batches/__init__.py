"""Batches (批量增员, 批量减员): a sheet of people is uploaded, checked, and what is good of it handed in."""

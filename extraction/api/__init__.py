"""Codebook, forms and what is settled, through the API. What others have not opened stays shut."""

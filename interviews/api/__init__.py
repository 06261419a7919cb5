"""Interviews through the API, for analysts and tokens with the scope of transcripts alone."""

"""The pages of sources, of files, and of what is entered without a file."""

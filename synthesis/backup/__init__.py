"""The whole installation in one sealed zip: every row, every file, the secret that signs.

Rows are read and stored through the models as the migrations of that moment describe them, so that
a newer Concord can take a backup of an older one, and either database the backup of the other.
"""

"""A number that a seed draws for an id: the same in Python and in SQL, no row to keep. No Django.

x -> x³ modulo a prime that leaves 2 when divided by 3 gives every x a number of its own, so the draw
is a permutation of the ids. It is a shuffle that can be repeated, and no secret.
"""

PRIME = 2_147_483_579  # the largest below 2³¹ but three; PRIME % 3 == 2
STEP = 48_271  # ids that follow each other stand far apart


def offset(seed: int) -> int:
    """Where the ids begin under `seed`, 0 to 2³¹ - 1."""
    return (seed + 1) * 1_103_515_245 % PRIME


def scatter(number: int, seed: int) -> int:
    """The number, 0 to PRIME - 1, that `seed` draws for the id `number`."""
    x = (number * STEP + offset(seed)) % PRIME
    return x * x % PRIME * x % PRIME


def as_sql(column: str, seed: int) -> str:
    """`scatter` over a column of 64 bits, for SQLite and PostgreSQL; the percent signs doubled."""
    x = f"(({column} * {STEP} + {offset(seed)}) %% {PRIME})"
    return f"(({x} * {x} %% {PRIME}) * {x} %% {PRIME})"

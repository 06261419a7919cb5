"""The pieces of a transcript put together are the transcript; offsets are code points."""

from hypothesis import given
from hypothesis import strategies as st

from interviews.marking import pieces

texts = st.text(alphabet="ab 🌱é\n", min_size=1, max_size=80)


@given(texts, st.data())
def test_every_piece_stands_where_it_says_and_lies_in_its_excerpts(text, data):
    n = len(text)
    spans = data.draw(
        st.lists(
            st.tuples(st.integers(1, 9), st.integers(0, n), st.integers(0, n)).filter(
                lambda span: span[1] < span[2]
            ),
            max_size=6,
        )
    )
    covered = {}
    for line in pieces(text, spans):
        for piece in line:
            assert text[piece.start : piece.start + len(piece.text)] == piece.text
            for place in range(piece.start, piece.start + len(piece.text)):
                covered[place] = sorted(piece.excerpts)
    for place, letter in enumerate(text):
        line = text[:place].rsplit("\n", 1)[-1] + text[place:].split("\n", 1)[0]
        if letter != "\n" and line.strip():
            assert covered[place] == sorted(pk for pk, a, b in spans if a <= place < b)

"""The order in which records are screened, and when to stop. Pure: no Django, no database.

Imported as a whole: `ranking.Ranker`, `ranking.certificate`. Which file holds what:

- words.py: titles and abstracts as numbers, packed into bytes;
- features.py: how rare words are, records as rows of a sparse matrix;
- encoder.py, graph.py: sentence vectors, where their packages are installed;
- joint.py: the rows with these vectors behind the words;
- fitting.py: a linear model, fitted from where the last fit ended;
- ranker.py: labels and the review's question in, an order out; why a record stands where it does;
- certificate.py: what may still be missed;
- replay.py: a finished review screened again.
"""

from . import encoder
from .certificate import Certificate, State, certificate, random_sample
from .features import Features, features
from .ranker import Meanings, Ranker, fingerprint, in_order, nearest, texts_of, words_of
from .replay import Replay, certificates, recall_curve, replay, screened_for
from .words import VERSION, Bags, OtherVersion, some_of, unpacked

__all__ = [
    "VERSION",
    "Bags",
    "Certificate",
    "Features",
    "Meanings",
    "OtherVersion",
    "Ranker",
    "Replay",
    "State",
    "certificate",
    "certificates",
    "encoder",
    "features",
    "fingerprint",
    "in_order",
    "nearest",
    "random_sample",
    "recall_curve",
    "replay",
    "screened_for",
    "some_of",
    "texts_of",
    "unpacked",
    "words_of",
]

"""The words that are marked in titles and abstracts: the review's two lists and one's own.

A line is a word or a phrase. `*` stands for any letters and `?` for one; without them a word is
marked only where it stands alone. How they are found is the browser's work:
static/js/screening/words.js.
"""

from django.db import transaction
from django.db.models import Q

from reviews import audit
from reviews.models import Review, User
from reviews.refusal import Refused

from ..models import MarkedWords

MOST_WORDS = 300  # in one list
LONGEST = 100  # letters of one word or phrase
MOST_WILDCARDS = 3  # in one word or phrase: each multiplies the ways to read a word
Lists = dict[str, list[str]]  # {"include": [...], "exclude": [...]}


def checked(text: str) -> list[str]:
    """The words in `text`, one a line, each once, in the order given.

    Refused for more than MOST_WORDS of them, and for one that is too long, has too many wildcards
    or fewer than two letters: it would mark nearly everything.
    """
    found: dict[str, str] = {}
    for line in text.splitlines():
        word = " ".join(line.split())
        if not word:
            continue
        if len(word) > LONGEST:
            raise Refused(f"“{word[:40]}…” is longer than {LONGEST} letters.")
        if word.count("*") + word.count("?") > MOST_WILDCARDS:
            raise Refused(f"“{word}” has more than {MOST_WILDCARDS} wildcards.")
        letters = [letter for letter in word if letter.isalnum()]
        # One sign can be a word in Chinese; in an alphabet it is in every other word.
        if not letters or (len(letters) < 2 and letters[0] < "\u2e80"):
            raise Refused(f"“{word}” is too short: give at least two letters.")
        found.setdefault(word.casefold(), word)
    if len(found) > MOST_WORDS:
        raise Refused(f"A list has at most {MOST_WORDS} words; this one has {len(found)}.")
    return list(found.values())


def lists_of(review: Review, user: User | None) -> Lists:
    """The review's own lists (`user` None), or those that `user` keeps beside them. 1 query."""
    row = MarkedWords.objects.filter(review=review, by=user).first()
    return {"include": row.include, "exclude": row.exclude} if row else _none()


def shown_to(user: User, review: Review) -> Lists:
    """What is marked for `user`: the review's words and his own. 1 query."""
    found = _none()
    for row in MarkedWords.objects.filter(Q(by=None) | Q(by=user), review=review).order_by("pk"):
        found["include"] += row.include
        found["exclude"] += row.exclude
    return found


def _none() -> Lists:
    return {"include": [], "exclude": []}


@transaction.atomic
def set_lists(review: Review, *, include: str, exclude: str, by: User, own: bool = False) -> Lists:
    """Replace the review's lists, or with `own` those that `by` alone sees; one word a line.

    Refused when a word cannot be marked, or stands in both lists.
    """
    after = {"include": checked(include), "exclude": checked(exclude)}
    both = {word.casefold() for word in after["include"]}
    for word in after["exclude"]:
        if word.casefold() in both:
            raise Refused(f"“{word}” can’t speak for including and for excluding.")
    Review.objects.select_for_update(no_key=True).get(pk=review.pk)
    owner = by if own else None
    before = lists_of(review, owner)
    if before != after:
        MarkedWords.objects.update_or_create(review=review, by=owner, defaults=after)
        if not own:
            audit.record(review, "changed the words to mark", by=by, before=before, after=after)
    return after

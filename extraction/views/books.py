"""Which codebook a page is about: that of the extraction, or the appraisal tool `?tool=` names."""

from django.http import Http404, HttpRequest, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import reverse

from reviews.models import Review

from ..models import Codebook


def tool_of(request: HttpRequest, review: Review) -> Codebook | None:
    """The appraisal tool that the address names; None: the page is about the extraction."""
    asked = request.GET.get("tool")
    if asked is None:
        return None
    if not (asked.isascii() and asked.isdigit() and len(asked) < 19):
        raise Http404("There is no such tool.")
    tools = review.codebooks.filter(purpose=Codebook.Purpose.APPRAISAL)
    return get_object_or_404(tools.select_related("for_field", "review"), pk=int(asked))


def asked_book(request: HttpRequest, review: Review) -> Codebook | None:
    """The codebook of the address; None where the review has none of its extraction yet."""
    return tool_of(request, review) or Codebook.objects.of(review)


def book_of(request: HttpRequest, review: Review) -> Codebook:
    book = asked_book(request, review)
    if book is None:
        raise Http404("There is no codebook yet.")
    return book


def step_of(book: Codebook | None, otherwise: str) -> str:
    """The entry of the rail that is current."""
    return "appraisal" if book is not None and book.is_tool else otherwise


def to(
    page: str, review: Review, *args: int, book: Codebook | None, at: str = ""
) -> HttpResponseRedirect:
    """Lead to a page of this room that is about `book`; `at` is a place on it."""
    address = reverse(f"extraction:{page}", args=[review.slug, *args])
    place = f"#{at}" if at else ""
    return HttpResponseRedirect(f"{address}{book.query if book else ''}{place}")

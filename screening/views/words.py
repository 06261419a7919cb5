"""The words that are marked while people screen: the review's, and each reviewer's own."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from reviews.access import MemberRequest, abilities, member, require
from reviews.models import Review
from reviews.refusal import Refused

from ..desk import words
from ..forms import WordsForm


@require_http_methods(["GET", "POST"])
@member("read")
def page(request: MemberRequest, review: Review) -> HttpResponse:
    own = request.POST.get("whose") == "own"
    refused: WordsForm | None = None
    if request.method == "POST":
        require(request.member, "screen" if own else "manage")
        form = WordsForm(request.POST, prefix="own" if own else "review")
        if form.is_valid():
            try:
                words.set_lists(review, **form.cleaned_data, by=request.user, own=own)
            except Refused as refusal:
                form.add_error(None, str(refusal))
            else:
                messages.success(request, "The words are saved.")
                return redirect("screening:words", review.slug)
        refused = form
    lists = words.lists_of(review, None)
    context = {
        "step": "reasons",
        "lists": lists,
        "form": refused if refused and not own else _form("review", lists),
        "own_form": None,
    }
    if "screen" in abilities(request.member):
        kept = _form("own", words.lists_of(review, request.user))
        context["own_form"] = refused if refused and own else kept
    return render(request, "screening/words.html", context, status=422 if refused else 200)


def _form(prefix: str, lists: words.Lists) -> WordsForm:
    initial = {kind: "\n".join(listed) for kind, listed in lists.items()}
    return WordsForm(prefix=prefix, initial=initial)

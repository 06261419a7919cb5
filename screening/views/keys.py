"""The keys of the reviewers' page, as each person wants them: kept with the account."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_http_methods

from reviews.access import SignedIn
from reviews.refusal import Refused

from ..desk import keymap


@require_http_methods(["GET", "POST"])
def page(request: SignedIn) -> HttpResponse:
    """A preset is taken by its button, anything else by "Save"."""
    mine, refused = keymap.of(request.user), ""
    back = request.GET.get("back", "") or request.POST.get("back", "")
    if not (back.startswith("/r/") and url_has_allowed_host_and_scheme(back, allowed_hosts=None)):
        back = ""
    if request.method == "POST":
        given, wanted = request.POST, request.POST.get("preset", "")
        letters = bool(given.get("letters"))
        try:
            keys = keymap.preset(wanted) if wanted else given.dict()
            keymap.choose(request.user, keys, letters=mine.letters if wanted else letters)
        except Refused as refusal:
            refused = str(refusal)
            typed = {act.name: given.get(act.name, "")[:20] for act in keymap.ACTS}
            mine = keymap.Keymap(typed, letters)
        else:
            messages.success(request, "Your keys are saved, for every device on which you sign in.")
            return redirect(f"{request.path}?back={back}" if back else request.path)
    context = {
        "rows": [(act, mine.keys[act.name]) for act in keymap.ACTS],
        "letters": mine.letters,
        "presets": [(name, label) for name, (label, _) in keymap.PRESETS.items()],
        "named": list(keymap.NAMED),
        "refused": refused,
        "back": back,
    }
    return render(request, "screening/keys.html", context, status=422 if refused else 200)

"""The tree of components: everybody reads it, those who may edit it do."""

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST, require_safe

from reviews.access import MemberRequest, abilities, member
from reviews.models import Review
from reviews.refusal import Clash, Refused

from .. import actions, reshaping, uses, versions
from ..forms import ComponentForm
from ..models import Component
from ..tree import grow


def tree_url(component: Component) -> str:
    """Back to the tree, at this component."""
    return f"#c-{component.code}"


@require_safe
@member("read")
def tree(request: MemberRequest, review: Review) -> HttpResponse:
    components = list(review.components.all())
    split = reshaping.splits(review)
    standing = [each for each in components if each.retired_at is None]
    version = versions.current(review)
    is_frozen = version is not None and version.frozen_at is not None
    context = {
        "step": "components",
        "is_frozen": is_frozen,
        "version_icon": "lock" if is_frozen else "pencil",
        "may_edit": "edit_components" in abilities(request.member) and not is_frozen,
        "branches": grow(standing),
        "retired": [each for each in components if each.retired_at],
        "total": len(standing),
        "codable": sum(each.is_codable for each in standing),
        "roots": sum(each.parent_id is None for each in standing),
        "version": version,
        "splits": [each for each in standing if each.code in split],
    }
    return render(request, "components/tree.html", context)


@member("edit_components")
def add(request: MemberRequest, review: Review) -> HttpResponse:
    form = ComponentForm(
        review, request.POST or None, is_new=True, initial={"parent": request.GET.get("parent")}
    )
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                made = actions.add(review, by=request.user, **form.cleaned_data)
            except Refused as refusal:
                form.add_error(None, str(refusal))
            else:
                messages.success(request, f"{made.code} is in the tree.")
                return redirect("components:tree", review.slug)
    return render(
        request, "components/edit.html", {"form": form, "step": "components"}, status=status
    )


@member("edit_components")
def edit(request: MemberRequest, review: Review, pk: int) -> HttpResponse:
    component = get_object_or_404(review.components.select_related("parent"), pk=pk)
    initial = {name: getattr(component, name) for name in actions.DEFINING}
    initial |= {"parent": component.parent_id, "seen": actions.fingerprint(component)}
    form = ComponentForm(review, request.POST or None, is_new=False, initial=initial)
    status, clash = 200, False
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                actions.redefine(component, by=request.user, **form.cleaned_data)
            except Clash as told:
                # What was typed stays; saving once more is then meant.
                posted = request.POST.copy()
                posted["seen"] = actions.fingerprint(component)
                form.data = posted
                form.add_error(None, str(told))
                clash, status = True, 409
            except Refused as refusal:
                form.add_error(None, str(refusal))
            else:
                messages.success(request, f"{component.code} is saved.")
                return redirect("components:tree", review.slug)
    context = {"form": form, "component": component, "clash": clash, "step": "components"}
    context["used"] = [f"{number} {words}" for number, words in uses.told(component)]
    return render(request, "components/edit.html", context, status=status)


@require_POST
@member("edit_components")
def shift(request: MemberRequest, review: Review, pk: int) -> HttpResponse:
    component = get_object_or_404(review.components, pk=pk)
    places = {"up": -1, "down": 1}.get(request.POST.get("to", ""))
    if places is None:
        raise Http404("Up or down.")
    error = ""
    try:
        actions.shift(component, places, by=request.user)
    except Refused as refusal:
        error = str(refusal)
    return _moved(request, review, component, error)


def _moved(
    request: MemberRequest, review: Review, component: Component, error: str
) -> HttpResponse:
    """A word for the script that asked, or back to the tree."""
    if "fetch" in request.POST:
        return HttpResponse(error, status=422 if error else 204, content_type="text/plain")
    if error:
        messages.error(request, error)
    response = redirect("components:tree", review.slug)
    response["Location"] += tree_url(component)
    return response


@require_POST
@member("edit_components")
def place(request: MemberRequest, review: Review, pk: int) -> HttpResponse:
    """Where a drag has dropped it, or one step in or out by keyboard or button."""
    component = get_object_or_404(review.components.select_related("parent"), pk=pk)
    error = ""
    try:
        parent, before = _target(request, review, component)
        actions.place(component, by=request.user, parent=parent, before=before)
    except Refused as refusal:
        error = str(refusal)
    return _moved(request, review, component, error)


def _target(
    request: MemberRequest, review: Review, component: Component
) -> tuple[Component | None, Component | None]:
    """(the parent, the sibling that it stands in front of) that the request asks for."""
    to = request.POST.get("to", "")
    siblings = review.components.filter(retired_at=None, parent=component.parent)
    if to == "in":  # below the sibling above it, as its last
        above = [
            each for each in siblings if (each.order, each.pk) < (component.order, component.pk)
        ]
        if not above:
            raise Refused(f"There is no component above {component.code} to hang it below.")
        return max(above, key=lambda each: (each.order, each.pk)), None
    if to == "out":  # behind its parent
        parent = component.parent
        if parent is None:
            raise Refused(f"{component.code} stands at the top already.")
        after = [
            each
            for each in review.components.filter(retired_at=None, parent=parent.parent)
            if (each.order, each.pk) > (parent.order, parent.pk)
        ]
        return parent.parent, min(after, key=lambda each: (each.order, each.pk), default=None)
    found = [request.POST.get(name, "") for name in ("parent", "before")]
    if to or not all(each == "" or each.isdecimal() for each in found):
        raise Http404("In, out, or a place in the tree.")
    parent, before = (
        get_object_or_404(review.components, pk=each) if each else None for each in found
    )
    return parent, before


@require_POST
@member("edit_components")
def retire(request: MemberRequest, review: Review, pk: int) -> HttpResponse:
    component = get_object_or_404(review.components, pk=pk)
    try:
        actions.retire(component, by=request.user, reason=request.POST.get("reason", ""))
    except Refused as refusal:
        messages.error(request, str(refusal))
        return redirect("components:edit", review.slug, pk)
    messages.success(request, f"{component.code} is retired. What was coded with it stays.")
    return redirect("components:tree", review.slug)


@require_POST
@member("edit_components")
def restore(request: MemberRequest, review: Review, pk: int) -> HttpResponse:
    component = get_object_or_404(review.components, pk=pk)
    try:
        actions.restore(component, by=request.user)
    except Refused as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, f"{component.code} is in use again.")
    return redirect("components:tree", review.slug)

"""What an archive holds: one line for each model, and why the others are left out.

`tests/synthesis/test_archive_nouns.py` walks all models and fails for one that stands in neither list,
for a reference to something that the archive has not, and for JSON that nobody has thought about.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.apps import apps
from django.db.models import Model

from .ids import PERSON, Ids

Row = dict[str, Any]
Translate = Callable[[Any, Row, Ids], Any]


@dataclass(frozen=True)
class Noun:
    """Rows of one model. `path` leads from a row to its review."""

    model: str
    path: str = "review"
    file: str = ""  # the field that names a stored file by its SHA-256
    # JSON fields in which ids stand, each with what translates them.
    ids: Mapping[str, Translate] = field(default_factory=dict)
    # JSON fields without ids, or whose ids are history: they travel as they are.
    plain: tuple[str, ...] = ()
    # References to what the archive leaves out: empty on the other side.
    dropped: tuple[str, ...] = ()
    # Confidential words: without leave, what this gives of the row's id stands in their place.
    sealed: Mapping[str, Callable[[int], str]] = field(default_factory=dict)

    @property
    def member(self) -> str:
        """Its file in the archive."""
        return f"rows/{self.model.lower()}.jsonl"

    @property
    def rows_of(self) -> type[Model]:
        return apps.get_model(self.model)


def nothing(pk: int) -> str:
    return ""


# --- Ids inside JSON ----------------------------------------------------------------------------


def _chosen(value: Any, row: Row, here: Ids) -> Any:
    return {name: here("citations.Record", pk) for name, pk in value.items()}


def _moved(value: Any, row: Row, here: Ids) -> Any:
    """See citations.models.Merge: rows by "app.model.field", decisions and reports by id."""
    kept = {label.rsplit(".", 1)[0]: label for label in value.get("rows", {})}
    known = {noun.model.lower(): noun.model for noun in NOUNS}
    decisions, reports = "screening.Decision", "citations.Report"
    lists = {"stood": decisions, "outranked": decisions, "followers": reports}
    moved: Row = {
        key: [here(label, pk) for pk in value[key]] for key, label in lists.items() if key in value
    }
    if "rows" in value:
        moved["rows"] = {
            label: [here(known[model], pk) for pk in value["rows"][label]]
            for model, label in kept.items()
            if model in known
        }
    return {**value, **moved}


def _past(value: Any, row: Row, here: Ids) -> Any:
    people = ("by", "undone_by")
    return [
        {**line, **{name: here(PERSON, line[name]) for name in people if name in line}}
        for line in value
    ]


_REFERENCES = {
    **dict.fromkeys(("report", "merged_into"), "citations.Report"),
    **{"studies": "citations.Study", "counts_as": "screening.Reason"},
}


def _said(value: Any, row: Row, here: Ids) -> Any:
    """See reviews.models.EarlierState: {"id": a row of `model`, field: value}, references by id."""
    own = {noun.model.lower(): noun.model for noun in NOUNS}[row["model"]]

    def translated(name: str, was: Any) -> Any:
        label = own if name == "id" else _REFERENCES.get(name)
        if label is None or was is None:
            return was
        return [here(label, pk) for pk in was] if isinstance(was, list) else here(label, was)

    return {name: translated(name, was) for name, was in value.items()}


def _guesses(value: Any, row: Row, here: Ids) -> Any:
    return [{**guess, "report": here("citations.Report", guess["report"])} for guess in value]


def _reports(value: Any, row: Row, here: Ids) -> Any:
    return [here("citations.Report", pk) for pk in value]


def _changes(value: Any, row: Row, here: Ids) -> Any:
    """See components.models.TreeEvent: [model, id, before, after]."""
    return [
        [label, here(label, pk), *(_state(label, said, here) for said in (before, after))]
        for label, pk, before, after in value
    ]


def _state(label: str, said: Row | None, here: Ids) -> Row | None:
    if said is None:
        return None
    fields = apps.get_model(label)._meta.concrete_fields
    to = {each.attname: each.related_model._meta.label for each in fields if each.is_relation}
    return {name: here(to[name], v) if name in to else v for name, v in said.items()}


def _evidence(value: Any, row: Row, here: Ids) -> Any:
    """See synthesis.models.Topic: the literature's side counts studies, a group's participants."""
    left = "citations.Study" if row["left_id"] is None else "interviews.Participant"
    sides = {"left": left, "right": "interviews.Participant"}
    return {side: [here(sides[side], pk) for pk in ids] for side, ids in value.items()}


def _there(value: Any, row: Row, here: Ids) -> Any:
    """See reviews.models.Restoration: what an id of this server was called at the origin."""
    known = {noun.model.lower(): noun.model for noun in NOUNS}
    return {
        "review": value["review"],
        "people": {str(here(PERSON, int(pk))): was for pk, was in value["people"].items()},
        # By how much a row moves now comes on top of how much it had moved before.
        "shifts": {
            model: shift + here.shift(known[model])
            for model, shift in value["shifts"].items()
            if model in known
        },
    }


# --- The list -----------------------------------------------------------------------------------

NOUNS = [
    Noun("reviews.Review", "pk", plain=("question",)),
    Noun("reviews.StageRules"),
    Noun("reviews.Membership", plain=("roles",)),
    Noun("reviews.Criterion"),
    # Word for word: their hashes are over these words. `target` is translated in restoring.py.
    Noun("reviews.AuditEvent", plain=("before", "after")),
    Noun("reviews.Restoration", ids={"there": _there}),
    Noun("reviews.EarlierState", ids={"said": _said}),
    Noun("citations.Search"),
    Noun("citations.SearchNote"),
    Noun("citations.Upload", file="sha256", plain=("columns", "summary")),
    Noun("citations.UploadProblem", "upload__review"),
    Noun("citations.Report", ids={"chosen": _chosen}, plain=("authors", "keywords", "taken")),
    Noun("citations.Record", plain=("authors", "keywords", "raw")),
    Noun("citations.Merge", ids={"moved": _moved}),
    Noun("citations.DuplicatePair", ids={"past": _past}),
    Noun("citations.DuplicateRules"),
    Noun("citations.RelatedReport"),
    Noun("citations.RetrievalRules"),
    Noun("citations.Delivery"),
    Noun("citations.FullText", "report__review", file="sha256", plain=("holds",)),
    Noun("citations.LooseFile", file="sha256", ids={"guesses": _guesses}, plain=("told",)),
    Noun("citations.Lookup", "report__review", plain=("said", "copies")),
    Noun("citations.RetrievalEvent", "report__review"),
    Noun("citations.Program"),
    Noun("citations.Study"),
    Noun("citations.StudyReport", "study__review"),
    Noun("citations.ReportsApart", "first__review"),
    Noun("screening.Reason"),
    Noun("screening.Decision", "report__review"),
    Noun("screening.Decision_others", "decision__report__review"),
    Noun("screening.CriterionAnswer", "decision__report__review"),
    Noun("screening.Label"),
    Noun("screening.Labelling", "report__review"),
    Noun("screening.MarkedWords", plain=("include", "exclude")),
    Noun("screening.BulkAct", plain=("left_out",), dropped=("job",)),
    Noun("screening.BulkPart", "act__review"),
    Noun("screening.Interest", "report__review"),
    Noun("screening.Remark", "report__review"),
    Noun("screening.Proposal", "report__review"),
    Noun("screening.Starter"),
    Noun("screening.Stopping", plain=("learnt_from", "certificate")),
    Noun("screening.StopCheck", "stopping__review", ids={"drawn": _reports}),
    Noun("screening.Relook"),
    Noun("screening.Pilot"),
    Noun("screening.PilotReport", "pilot__review"),
    Noun("screening.PilotSeat", "drawn__pilot__review"),
    Noun("screening.Sharing"),
    Noun("screening.Share", "sharing__review"),
    Noun("screening.Highlight", "report__review"),
    Noun("screening.HighlightPlace", "highlight__report__review", plain=("area",)),
    # Frozen, and its hash is in the log.
    Noun("screening.Snapshot", plain=("numbers",)),
    Noun("screening.ChecklistNote"),
    Noun("components.Component", plain=("tidier_items",)),
    Noun("components.TreeEvent", ids={"changes": _changes}, plain=("history",)),
    Noun("components.TreeVersion", plain=("content",)),
    Noun("extraction.Codebook", plain=("for_values",)),
    Noun("extraction.ToolChoice", "study__review"),
    Noun("extraction.Field", "codebook__review", plain=("choices", "lights", "shown_values")),
    Noun("extraction.Extraction", "study__review"),
    Noun("extraction.Value", "extraction__study__review", plain=("value", "box")),
    Noun("extraction.AttachedFile", "extraction__study__review", file="sha256"),
    Noun("extraction.ComponentEntry", "extraction__study__review", plain=("box",)),
    Noun("extraction.AdjudicatedValue", "study__review", plain=("value", "same_as")),
    Noun("extraction.AdjudicatedComponent", "study__review"),
    Noun("extraction.AdjudicatedComponent_basis", "adjudicatedcomponent__study__review"),
    Noun("extraction.AdjudicatedEntry", "settled__study__review", plain=("box",)),
    Noun("interviews.ParticipantGroup"),
    Noun(
        "interviews.Participant",
        sealed={"pseudonym": lambda pk: f"Participant {pk}", "role": nothing},
    ),
    Noun(
        "interviews.Transcript",
        sealed={"name": lambda pk: f"Sealed transcript {pk}", "text": nothing},
    ),
    Noun(
        "interviews.Excerpt",
        "transcript__review",
        sealed={"exact": nothing, "prefix": nothing, "suffix": nothing},
    ),
    Noun("interviews.Coding", "component__review", sealed={"memo": nothing}),
    Noun("interviews.Theme", sealed={"central_idea": nothing}),
    Noun("interviews.Theme_components", "theme__review"),
    Noun("synthesis.Topic", "component__review", ids={"evidence": _evidence}),
]

LEFT_OUT = {
    PERSON: "an account; the archive names who took part (people.jsonl)",
    "reviews.User_groups": "belongs to the account",
    "reviews.User_user_permissions": "belongs to the account",
    "reviews.Invitation": "a secret way in to this installation",
    "reviews.AccessToken": "a secret way in to this installation",
    "reviews.Webhook": "whom this installation tells; its secret is this installation's",
    "reviews.Message": "what this installation told",
    "reviews.Attempt": "what this installation told",
    "reviews.Job": "work of this installation; what it did is in the rows",
    "reviews.WorkerBeat": "of this installation",
    "reviews.KeyedAnswer": "answers to requests of this installation",
    "citations.KeyIndex": "made anew from the records",
    "screening.WordBag": "made anew from the reports",
    "screening.RankedOrder": "learnt anew from the decisions",
    "screening.Lease": "a report on somebody's screen at this moment",
    "screening.KeyChoice": "belongs to the account",
}
# Rooms of other people's making: sign-in, sessions and the like belong to the installation.
OURS = {"reviews", "citations", "components", "screening", "extraction", "interviews", "synthesis"}

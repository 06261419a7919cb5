"""What the machine joins by itself: the rules of a review, what each setting would come to, and how
a change of them is carried out.

The engine gives each pair a probability and a rule. A pair that one of its rules holds back is a
question at every setting: only pairs with a rule of SLIDING go by the probability. What a person
has said stands whatever the rules say, and so does a pair that a person has parted.
"""

from collections import Counter, defaultdict
from collections.abc import Hashable, Iterable
from dataclasses import dataclass, field
from math import inf

from django.db import transaction
from django.utils import timezone

from citations import one_file
from citations.models import (
    DuplicatePair,
    DuplicateRules,
    FullText,
    Merge,
    Record,
    Report,
)
from reviews import audit, jobs
from reviews.jobs import Run, work
from reviews.models import Job, Review, User
from reviews.refusal import Clash, Refused

from ..models import Decision
from . import joining, questions

# What carried an automatic join, and "unsure": held by no rule, but below the engine's own line.
SLIDING = {"identical", "doi", "pmid", "place", "title-authors", "title", "likeness", "unsure"}
NEVER = 1.0  # no probability reaches it: everything is asked
SETTINGS = (0.75, 0.8, 0.85, 0.9, 0.925, 0.95, 0.97, 0.98, 0.99, 0.995, 0.999, NEVER)
CHANGED = "changed what is joined automatically"  # the verb in the log
BY_RULES = "rules"  # how a join was undone, in DuplicatePair.past
AT_ONCE = 60  # changes that a page waits for; more of them are a job
PIECE = 40  # changes that a job commits together


def rules_of(review: Review) -> DuplicateRules:
    """The rules in force: those of the review, or the defaults (unsaved)."""
    found = DuplicateRules.objects.filter(review=review).first()
    return found or DuplicateRules(review=review)


def line_of(join_from: float) -> float:
    """The probability from which pairs are joined; above all of them where nothing is."""
    return inf if join_from >= NEVER else join_from


# --- What each setting comes to -------------------------------------------------------------


@dataclass(frozen=True)
class Setting:
    """One line of the table."""

    join_from: float
    automatic: int  # joins without a question
    questions: int  # that wait for a person
    wrong: float  # expected wrong ones among the automatic joins: the sum of 1 - p
    is_now: bool


@dataclass
class _Known:
    """The stored pairs of a review as far as the rules go, and the records that they bring together."""

    joined: list[DuplicatePair]  # by the machine, standing, the least probable first; with `merge`
    open: list[questions.Open]  # the most probable first
    pairs: dict[int, DuplicatePair]  # those of `open` by id
    worked_on: frozenset[int]  # reports that somebody has decided on, or that have a file
    home: dict[int, int]  # record -> report
    slot: dict[int, tuple[int, Hashable]]  # record -> (file, its words), where the file comes twice


def _known(review: Review) -> _Known:
    """6 to 8 queries, whatever the number of pairs."""
    found = DuplicatePair.objects.filter(
        review=review, answer="same", answered_by=None, merge__by=None, merge__undone_at=None
    ).exclude(merge=None)
    joined = list(found.select_related("merge").order_by("probability", "pk"))
    open_ = questions.open_pairs(review)
    pairs = DuplicatePair.objects.filter(review=review, answer="").in_bulk()
    asked = {head for each in open_ for head in each.heads}
    decided = Decision.objects.filter(report__in=asked).values_list("report", flat=True)
    filed = FullText.objects.filter(report__in=asked).values_list("report", flat=True)
    home, slot = _records(review, joined, open_)
    return _Known(joined, open_, pairs, frozenset(decided) | frozenset(filed), home, slot)


def _records(
    review: Review, joined: list[DuplicatePair], open_: list[questions.Open]
) -> tuple[dict[int, int], dict[int, tuple[int, Hashable]]]:
    ends = {end for pair in joined for end in (pair.first_id, pair.second_id)}
    merged = Report.objects.filter(review=review, merged_into__isnull=False)
    heads_of = dict(merged.values_list("pk", "merged_into"))
    heads = {heads_of.get(end, end) for end in ends} | {h for each in open_ for h in each.heads}
    # Of the whole review, and chosen here: there may be more heads than one statement can name.
    rows = Record.objects.filter(review=review, upload__isnull=False).arrived()
    light = [row for row in rows.values_list("pk", "report", "upload") if row[1] in heads]
    # Reports that open questions hold together count as one: joining some may bring the rest along.
    groups = questions.grouped(open_)
    together = {head: name for name, group in enumerate(groups) for head in group.reports}
    times: Counter[tuple[bool, int, int]] = Counter()

    def place(report: int, upload: int) -> tuple[bool, int, int]:
        return (report in together, together.get(report, report), upload)

    for _, report, upload in light:
        times[place(report, upload)] += 1
    twice = [pk for pk, report, upload in light if times[place(report, upload)] > 1]
    slot: dict[int, tuple[int, Hashable]] = {}
    for at in range(0, len(twice), 500):
        for record in Record.objects.filter(pk__in=twice[at : at + 500]).defer("raw"):
            slot[record.pk] = (record.upload_id or 0, one_file.words_of(record))
    return {pk: report for pk, report, _ in light}, slot


def _may_slide(pair: DuplicatePair) -> bool:
    """Whether the probability alone decides about this open pair: nobody has parted it."""
    return pair.rule in SLIDING and all(line.get("how") == BY_RULES for line in pair.past)


def settings_of(
    review: Review, *, join_one_file: bool, besides: float = DuplicateRules.JOIN_FROM
) -> list[Setting]:
    """Questions and expected errors at each setting, from the stored probabilities.

    The setting in force and `besides` are among them.
    """
    known, now = _known(review), rules_of(review).join_from
    lines = []
    for at in sorted({*SETTINGS, now, besides}):
        change = _change(known, at, join_one_file=join_one_file)
        part, join = set(change.part), set(change.join)
        sure = [pair.probability for pair in known.joined if pair.merge_id not in part]
        sure += [known.pairs[pk].probability for pk in join]
        lines.append(
            Setting(
                join_from=at,
                automatic=len(sure),
                questions=len(known.open) - len(join) + len(part),
                wrong=sum(1 - p for p in sure),
                is_now=at == now,
            )
        )
    return lines


def expected_missed(review: Review) -> float:
    """Duplicates expected among the pairs that nobody is asked about: the sum of their p.

    Pairs at the engine's lower line and below it (p <= 0.05) are kept only where they may be
    related; the others are not stored, and so not in this sum.
    """
    open_ = DuplicatePair.objects.filter(review=review, answer="", zone=questions.RELATED)
    return sum(open_.values_list("probability", flat=True))


# --- What a change would do -----------------------------------------------------------------


@dataclass
class Change:
    """What must be joined and parted for the review to be as its rules say."""

    join: list[int] = field(default_factory=list)  # ids of open pairs
    part: list[int] = field(default_factory=list)  # ids of automatic merges
    kept: int = 0  # probable enough, but left to a person because both were worked on, or a chain

    @property
    def size(self) -> int:
        return len(self.join) + len(self.part)


def change_to(review: Review, join_from: float, *, join_one_file: bool) -> Change:
    """What setting the rules so would do to what stands now."""
    return _change(_known(review), join_from, join_one_file=join_one_file)


def _change(known: _Known, join_from: float, *, join_one_file: bool) -> Change:
    line, change, bundles = line_of(join_from), Change(), _Bundles(known)
    for pair in known.joined:
        merge = pair.merge
        if merge is None:
            raise AssertionError(f"pair {pair.pk} was joined automatically, by no merge")
        doubles = not join_one_file and bundles.leaves_doubles(merge)
        if pair.probability < line or doubles:
            change.part.append(merge.pk)
            bundles.part(merge)
    weak = [pair for pair in known.joined if pair.probability < DuplicateRules.JOIN_FROM]
    busy = {
        end for pair in weak if pair.merge for end in (pair.merge.keep_id, pair.merge.absorb_id)
    }
    for each in known.open:
        pair = known.pairs[each.pair]
        if pair.probability < line or not _may_slide(pair):
            continue
        if not join_one_file and bundles.would_double(each.heads):
            continue
        # A person decides where two that people have worked on would become one; and pairs below
        # the engine's line make no chains: their ends were never compared.
        is_weak = pair.probability < DuplicateRules.JOIN_FROM
        if each.heads <= known.worked_on or (is_weak and each.heads & busy):
            change.kept += 1
            continue
        if is_weak:
            busy |= each.heads
        change.join.append(pair.pk)
        bundles.join(each.heads)
    return change


class _Bundles:
    """The records of each report, to see where two of one file that differ come together."""

    def __init__(self, known: _Known) -> None:
        self.slot = known.slot
        self.home = dict(known.home)  # record -> report
        self.of: dict[int, set[int]] = defaultdict(set)  # report -> records
        for pk, report in self.home.items():
            self.of[report].add(pk)
        self.joined: dict[int, int] = {}  # report -> the one that it is to be joined with

    def _double(self, one: Iterable[int], other: Iterable[int]) -> bool:
        seen: dict[int, set[Hashable]] = defaultdict(set)
        for upload, words in (self.slot[pk] for pk in one if pk in self.slot):
            seen[upload].add(words)
        here = (self.slot[pk] for pk in other if pk in self.slot)
        return any(upload in seen and seen[upload] != {words} for upload, words in here)

    def _branch(self, merge: Merge) -> tuple[set[int], int]:
        """(the records that came with `merge`, the report that they are with)."""
        moved = {pk for pk in merge.moved["rows"].get("citations.record.report", ())}
        moved &= set(self.home)
        return moved, next((self.home[pk] for pk in moved), merge.keep_id)

    def leaves_doubles(self, merge: Merge) -> bool:
        moved, head = self._branch(merge)
        return self._double(moved, self.of[head] - moved)

    def part(self, merge: Merge) -> None:
        moved, head = self._branch(merge)
        self.of[head] -= moved
        self.of[merge.absorb_id] |= moved
        self.home.update(dict.fromkeys(moved, merge.absorb_id))

    def would_double(self, heads: Iterable[int]) -> bool:
        one, other = (self.of[self.joined.get(head, head)] for head in heads)
        return one is not other and self._double(one, other)

    def join(self, heads: Iterable[int]) -> None:
        one, other = sorted(self.joined.get(head, head) for head in heads)
        if one != other:
            self.of[one] |= self.of.pop(other, set())
            follow = {at: one for at, to in self.joined.items() if to == other}
            self.joined |= {**follow, other: one}


# --- Changing the rules ---------------------------------------------------------------------


def set_rules(
    review: Review,
    *,
    join_from: float,
    join_one_file: bool,
    by: User,
    expected: tuple[int, int] | None = None,
) -> tuple[Change, Job | None]:
    """Set the rules and do what follows from them; (what was to be done, the job that does it).

    Up to AT_ONCE joins and partings are done at once, in one transaction; more of them by a job.
    `expected` are the numbers of joins and partings that the person saw: Clash when others have
    changed them since. Undone by setting the rules back.
    """
    if not 0.5 <= join_from <= NEVER:
        raise Refused("Join from a probability between 50 % and 100 %.")
    with transaction.atomic():
        joining.one_at_a_time(review)
        rules, _ = DuplicateRules.objects.select_for_update().get_or_create(review=review)
        before = {"join_from": rules.join_from, "join_one_file": rules.join_one_file}
        after = {"join_from": join_from, "join_one_file": join_one_file}
        change = change_to(review, join_from, join_one_file=join_one_file)
        if expected is not None and expected != (len(change.join), len(change.part)):
            raise Clash(
                "Others have answered questions in the meantime; look at the numbers again."
            )
        rules.join_from, rules.join_one_file = join_from, join_one_file
        rules.save()
        audit.record(
            review,
            CHANGED,
            by=by,
            target="duplicates",
            before=before,
            after={**after, "joined": len(change.join), "parted": len(change.part)},
        )
        if change.size > AT_ONCE:
            return change, jobs.enqueue(review, "duplicate-rules", by=by)
        _carry_out(review, change.join, change.part, by=by)
    return change, None


@work("duplicate-rules")
def carry_out(run: Run) -> dict[str, object]:
    """Join and part until the review is as its rules say; a run that was killed goes on."""
    review, by = run.job.review, run.job.by
    if by is None:
        raise Refused("Nobody has asked for this.")
    done = 0
    while True:
        with transaction.atomic():
            joining.one_at_a_time(review)
            rules = rules_of(review)
            change = change_to(review, rules.join_from, join_one_file=rules.join_one_file)
            run.step(done, done + change.size, "Joining and parting reports")
            if not change.size:
                text = f"{done} reports were joined or parted, as the rules say."
                return {"done": done, "text": text}
            part = change.part[:PIECE]
            join = change.join[: PIECE - len(part)] if not change.part[PIECE:] else []
            _carry_out(review, join, part, by=by)
            done += len(part) + len(join)


def _carry_out(review: Review, join: list[int], part: list[int], *, by: User) -> None:
    for pk in part:
        merge = Merge.objects.select_related("review").get(pk=pk)
        joining.unmerge(merge, by=by, how=BY_RULES)
    for pk in join:
        join_pair(DuplicatePair.objects.get(pk=pk))


def would_double(review: Review, one: Report, other: Report) -> bool:
    """Whether joining brings two differing records of one file together, and the rules mind that."""
    if rules_of(review).join_one_file:
        return False
    words: dict[int, set[Hashable]] = defaultdict(set)
    for record in one.records.filter(upload__isnull=False).defer("raw"):
        words[record.upload_id or 0].add(one_file.words_of(record))
    return any(
        record.upload_id in words and words[record.upload_id] != {one_file.words_of(record)}
        for record in other.records.filter(upload__isnull=False).defer("raw")
    )


def join_pair(pair: DuplicatePair) -> None:
    """Join the reports of an open pair without a person, as an import would have done."""
    pair = joining.locked_pair(pair)
    one, other = joining.standing(pair.first), joining.standing(pair.second)
    if one.pk == other.pk or pair.answer:
        return
    pair.merge = joining.merge(*joining.elder(one, other), by=None)
    pair.answer, pair.answered_by, pair.answered_at = "same", None, timezone.now()
    pair.zone = "auto"
    pair.save(update_fields=["merge", "answer", "answered_by", "answered_at", "zone"])


def join_what_the_rules_allow(review: Review) -> int:
    """After an import: join the new questions that a lower line than the engine's lets through.

    Returns how many. Call it inside the transaction that publishes the file.
    """
    rules = rules_of(review)
    if rules.join_from >= DuplicateRules.JOIN_FROM:
        return 0
    change = change_to(review, rules.join_from, join_one_file=rules.join_one_file)
    for pk in change.join:
        join_pair(DuplicatePair.objects.get(pk=pk))
    return len(change.join)

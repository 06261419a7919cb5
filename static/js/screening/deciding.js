// An answer, its undo, and what the server says of them later.

import { refill } from "./ahead.js";
import { desk } from "./desk.js";
import { part } from "./duplicate.js";
import { addNotTaken } from "./not_taken.js";
import { one, page, SAID, say } from "./page.js";
import { answersGiven, answerWith } from "./questions.js";
import { outbox, pendingReports, showSaved } from "./sending.js";
import { keepInQueue, list, show } from "./show.js";

const note = one("#note");

// Further reasons of an exclusion, at full text.
const boxes = [...document.querySelectorAll("[data-others] input")];
const ticked = () => boxes.filter((box) => box.checked).map((box) => Number(box.value));
const tick = (ids) => boxes.forEach((box) => (box.checked = ids.includes(Number(box.value))));

export function decide(verdict, reason = null) {
  const card = desk.current;
  if (!card) return;
  if (verdict === "exclude" && !reason && page.stage === "fulltext") {
    window.concord.say("An exclusion at full text needs its reason: press its number, or click on it.", "warning");
    one("[data-reason]")?.focus();
    return;
  }
  const criteria = answersGiven();
  const others = verdict === "exclude" ? ticked().filter((each) => each !== reason) : [];
  const entry = outbox.put({
    kind: "decide",
    url: page.urls.decide,
    title: card.title,
    body: { report: card.id, verdict, reason, ...(others.length && { others }), ...(Object.keys(criteria).length && { criteria }), note: note.value, served_at: card.served_at },
  });
  desk.past.push({ card, verdict, note: note.value, others, criteria, key: entry.key });
  tick([]);
  desk.remove([card.id]);
  note.value = "";
  if (desk.changing) desk.changing = null;
  else desk.count(1);
  const because = reason ? `, ${page.reasons.find((each) => each.id === reason)?.label}` : "";
  list.answered(card.id, verdict, SAID[verdict] + because);
  show();
  say(`${SAID[verdict]}${because}. ${desk.next}`);
  refill();
}

export function undo() {
  const last = desk.past.pop();
  if (!last) return;
  if (last.joined) {
    part(last);
    return;
  }
  const wasStillHere = last.key && outbox.takeOut(last.key);
  if (!wasStillHere) {
    outbox.put({ kind: "undo", url: page.urls.undo, title: last.card.title, body: { report: last.card.id } });
  }
  desk.putFirst([last.card]);
  if (desk.isList) putBackInItsRow(last.card);
  desk.count(-1);
  desk.changing = null;
  show();
  note.value = last.note ?? "";
  tick(last.others ?? []);
  answerWith(last.criteria ?? {});
  say(`Taken back: ${SAID[last.verdict].toLowerCase()}. Back to: ${last.card.title}`);
}

// Rows stay where they are: in the list a report goes back to the place that it had.
function putBackInItsRow(card) {
  list.answered(card.id, "", "");
  list.hold([card]);
  const order = list.order;
  desk.queue.sort((one, other) => order.indexOf(one.id) - order.indexOf(other.id));
  desk.at = desk.queue.indexOf(card);
}

outbox.addEventListener("taken", ({ detail: { body } }) => {
  const gone = new Set(body.gone ?? []);
  if (!gone.size) return;
  keepInQueue((card) => !gone.has(card.id)); // others were enough in the meantime
  refill();
});

outbox.addEventListener("refused", ({ detail: { entry, body } }) => {
  const place = desk.past.findIndex((each) => each.key === entry.key);
  if (place >= 0) desk.past.splice(place, 1);
  if (entry.kind === "decide") {
    desk.done -= 1;
    list.answered(entry.body.report, "", "Not taken");
  }
  const answers = { undo: "undo", label: `label “${entry.body.label}”` };
  const answer = answers[entry.kind] ?? (SAID[entry.body.verdict] ?? "").toLowerCase();
  const words = entry.body.note ? ` Your note: “${entry.body.note}”` : "";
  addNotTaken(`${entry.title} (${answer}): ${body.detail}${words}`);
  show();
});

// Decided in another tab of this browser: it leaves the screen here too, or it would get a second answer.
outbox.addEventListener("elsewhere", ({ detail: { entry } }) => {
  const card = entry.kind === "decide" && desk.queue.find((each) => each.id === entry.body.report);
  if (!card) return;
  const words = `${SAID[entry.body.verdict]} in another tab`;
  if (card === desk.current) {
    note.value = "";
    tick([]);
    window.concord.say(`${words}: “${card.title}”`, "info");
  }
  desk.remove([card.id]);
  desk.count(1);
  list.answered(card.id, entry.body.verdict, words);
  show();
  refill();
});

outbox.addEventListener("change", () => {
  showSaved();
  // What was decided before, and is still on its way, needs no second answer here.
  const pending = pendingReports();
  keepInQueue((card) => !pending.has(card.id));
});

// Draw what desk.js holds: the report on the screen or the list, and the counts above.

import { hasWords, mark, marksWords, showCard, showText, toggleMarks } from "./card.js";
import { desk } from "./desk.js";
import { showDocument } from "./document.js";
import { showLabels } from "./labels.js";
import { List } from "./list.js";
import { address, one } from "./page.js";
import { askAbout } from "./questions.js";

export const list = new List(one("[data-list]"), mark);

export function showList({ anew = false } = {}) {
  if (!desk.isList) return;
  if (anew) list.clear();
  list.hold(desk.queue);
  list.point(desk.current);
}

export function showToggles() {
  const button = one("[data-do='highlight']");
  button.hidden = !hasWords;
  button.setAttribute("aria-pressed", String(marksWords()));
  one("[data-do='list']").setAttribute("aria-pressed", String(desk.isList));
  one("[data-card]").hidden = desk.isList;
  one("[data-list]").hidden = !desk.isList;
}

export function showLeft() {
  one("[data-left]").textContent = Math.max(desk.left, 0);
  one("[data-here]").textContent = desk.isAlong ? `${desk.queue.length} here` : "";
}

export function showUndo() {
  one("[data-undo]").disabled = !desk.past.length;
}

export function show() {
  const card = desk.current;
  one("[data-deciding]").hidden = !card;
  one("[data-nothing]").hidden = Boolean(card) || !desk.isExhausted || desk.wait !== null;
  one("[data-with-others]").hidden = Boolean(card) || !desk.isExhausted || desk.wait === null;
  one("[data-waiting-for-network]").hidden = Boolean(card) || desk.isExhausted || !desk.wantsNetwork;
  showLeft();
  one("[data-done]").textContent = desk.done;
  const bar = one("[data-progress]");
  bar.max = Math.max(desk.left + desk.done, 1);
  bar.value = desk.done;
  showUndo();
  if (!card) return;
  showCard(card);
  if (one("[data-duplicate]")) one("[data-duplicate]").href = `${address("report", card.id)}#duplicate`;
  for (const field of document.querySelectorAll("input[data-report]")) field.value = card.id;
  showLabels(card);
  one("[data-served]").value = card.served_at;
  for (const button of one("#answer").querySelectorAll("[aria-pressed]")) button.removeAttribute("aria-pressed");
  one("[data-changing]")?.remove();
  askAbout(card);
  if (desk.isList) showList();
  else scrollTo(0, 0);
  showDocument(card);
}

// Keep those of the queue that pass `test`, and their rows.
export function keepInQueue(test) {
  for (const card of desk.keep(test)) list.drop(card.id);
}

export function toggleWords() {
  toggleMarks();
  showToggles();
  if (desk.current) showText(desk.current);
  showList({ anew: true });
}

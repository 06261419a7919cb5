// The list of titles instead of one report at a time: to and fro, and moving in it.

import { refill } from "./ahead.js";
import { decide } from "./deciding.js";
import { desk } from "./desk.js";
import { page, remember, say } from "./page.js";
import { list, show, showToggles } from "./show.js";

export function toggleList() {
  if (page.stage !== "abstract") return;
  const card = desk.current;
  desk.isList = !desk.isList;
  remember("concord:list", desk.isList ? "on" : "off");
  if (desk.isList) desk.isExhausted = false; // a list holds more: there may be more to have
  // One report at a time goes on with the one that was chosen in the list.
  else if (card) desk.putFirst([card]);
  list.clear();
  showToggles();
  show();
  say(desk.isList ? "A list of titles" : "One report at a time");
  refill();
}

function choose(card) {
  const place = desk.queue.indexOf(card);
  if (place < 0) return false;
  desk.at = place;
  show();
  return true;
}

export function move(by) {
  const card = desk.queue[desk.at + by];
  if (!desk.isList || !card) return;
  choose(card);
  say(card.title);
}

export function openRow() {
  if (desk.isList && desk.current) list.toggle(desk.current.id);
}

list.addEventListener("choose", ({ detail: { card } }) => {
  choose(card);
  list.toggle(card.id);
});
list.addEventListener("answer", ({ detail: { card, verdict } }) => choose(card) && decide(verdict));

// "Duplicate of …". Not an answer: it goes straight to the server, and the report leaves the queue
// when it has been taken.

import { refill } from "./ahead.js";
import { desk } from "./desk.js";
import { address, one, page, say } from "./page.js";
import { complain, post } from "./server.js";
import { show, showList } from "./show.js";

const finder = one("#duplicate"); // none for those who may not join
const found = one("[data-found]");
const foundSays = one("[data-found-says]");
const PAUSE = 150; // ms without a key before words are searched
let lastSearch = 0;

export const canJoin = Boolean(finder);

export function openFinder() {
  if (!desk.current || !finder) return;
  finder.showModal();
  const input = finder.querySelector("input");
  input.value = "";
  input.focus();
  found.replaceChildren();
  foundSays.textContent = "Type two or three words of the other report.";
}

async function search(words) {
  const mine = ++lastSearch;
  const card = desk.current;
  if (!words.trim() || !card) {
    found.replaceChildren();
    return;
  }
  let reports;
  try {
    const response = await fetch(`${address("others", card.id)}?q=${encodeURIComponent(words)}`, { redirect: "manual" });
    if (!response.ok) throw new Error(String(response.status));
    ({ reports } = await response.json());
  } catch {
    if (mine === lastSearch) foundSays.textContent = "No connection: the search was not sent.";
    return;
  }
  if (mine !== lastSearch) return; // a later search is under way
  foundSays.textContent = reports.length ? "" : "No other report holds all these words.";
  found.replaceChildren(...reports.map((report, place) => itemOf(card, report, place)));
}

function itemOf(card, report, place) {
  const item = document.createElement("li");
  const button = document.createElement("button");
  button.type = "button";
  button.className = "item";
  const cap = document.createElement("kbd");
  cap.textContent = place + 1;
  const title = document.createElement("span");
  title.dir = "auto";
  title.textContent = report.title;
  const says = document.createElement("span");
  says.className = "sub";
  says.textContent = report.says;
  title.append(says);
  button.append(cap, title);
  button.addEventListener("click", () => join(card, report));
  item.append(button);
  return item;
}

async function join(card, other) {
  finder.close();
  let told;
  try {
    told = await post(address("duplicate", card.id), new URLSearchParams({ other: other.id, stage: page.stage }));
  } catch (problem) {
    complain(problem, "No connection: the two were not joined.");
    return;
  }
  const entry = { card, joined: told.merge, fewer: told.fewer, others: desk.queue.filter((each) => each.id === other.id) };
  desk.past.push(entry);
  desk.remove([card.id, other.id]);
  if (told.card) desk.queue.splice(desk.at, 0, told.card);
  desk.left -= told.fewer;
  desk.changing = null;
  one("#note").value = "";
  show();
  showList({ anew: true });
  window.concord.say(`Joined with “${other.title}”.`, "success", { label: "Undo", run: () => part(entry) });
  say(`Joined. ${desk.next}`);
  refill();
}

// Take a join back: `entry` is what it left in desk.past.
export async function part(entry) {
  const place = desk.past.indexOf(entry);
  if (place >= 0) desk.past.splice(place, 1);
  try {
    await post(address("part", entry.joined), "{}", { "Content-Type": "application/json" });
  } catch (problem) {
    complain(problem, "No connection: the join was not undone.");
    return;
  }
  desk.putFirst([entry.card, ...entry.others]);
  desk.left += entry.fewer;
  show();
  showList({ anew: true });
  say(`Parted again. Back to: ${entry.card.title}`);
}

if (finder) {
  let pause = 0;
  finder.querySelector("input").addEventListener("input", ({ target }) => {
    clearTimeout(pause);
    pause = setTimeout(() => search(target.value), PAUSE);
  });
  one("[data-find]").addEventListener("submit", (event) => {
    event.preventDefault();
    found.querySelector("button")?.focus();
  });
  finder.addEventListener("keydown", (event) => {
    const buttons = [...found.querySelectorAll("button")];
    const chosen = buttons.indexOf(document.activeElement);
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      const to = chosen + (event.key === "ArrowDown" ? 1 : -1);
      (buttons[to] ?? (to < 0 ? finder.querySelector("input") : buttons.at(-1)))?.focus();
    } else if (chosen >= 0 && /^[1-8]$/.test(event.key)) buttons[Number(event.key) - 1]?.click();
  });
  one("[data-duplicate]").addEventListener("click", (event) => {
    event.preventDefault();
    openFinder();
  });
}

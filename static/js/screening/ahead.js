// The reports ahead: they are asked for before they are needed.

import { desk } from "./desk.js";
import { withPendingLabels } from "./labels.js";
import { one, page, say } from "./page.js";
import { pendingReports } from "./sending.js";
import { show, showLeft, showList } from "./show.js";

const LOOK_AGAIN = 20; // seconds at the most between two looks while others hold what is left
const WITHOUT_NETWORK = 2000; // ms until the next try
let isLoading = false;

export async function refill() {
  if (isLoading || desk.queue.length > desk.ahead / 2 || (desk.isExhausted && desk.queue.length)) return;
  isLoading = true;
  let again = 0; // ms
  try {
    const held = desk.queue.map((card) => card.id).join(",");
    const decided = [...pendingReports()].join(","); // on their way: the server may have them or not
    const asked = desk.ahead;
    desk.sinceAsked = 0;
    const response = await fetch(`${page.urls.next}?without=${held}&decided=${decided}&limit=${asked}`, { redirect: "manual" });
    if (!response.ok) throw new Error(`The server answered ${response.status}.`);
    again = take(await response.json(), asked);
  } catch {
    desk.wantsNetwork = true;
    again = WITHOUT_NETWORK;
    if (!desk.queue.length) show();
  }
  isLoading = false;
  if (again) setTimeout(refill, again);
}

// Add to the queue what came when `asked` were asked for; returns when to ask again, in ms, or 0.
function take(answer, asked) {
  desk.wantsNetwork = false;
  // While that was under way more may have been decided, or taken back.
  const known = new Set([...desk.queue.map((card) => card.id), ...pendingReports()]);
  const fresh = answer.records.filter((card) => !known.has(card.id)).map(withPendingLabels);
  const wasEmpty = !desk.queue.length;
  desk.queue.push(...fresh);
  desk.isExhausted = answer.records.length < asked && asked === desk.ahead;
  desk.wait = answer.wait ?? null;
  desk.left = answer.left - desk.sinceAsked;
  if (wasEmpty) show();
  else if (fresh.length) showList();
  if (!wasEmpty) showLeft();
  if (!desk.queue.length && desk.wait !== null) return 1000 * Math.min(desk.wait + 1, LOOK_AGAIN);
  return fresh.length && desk.queue.length <= desk.ahead / 2 && !desk.isExhausted ? 1 : 0;
}

// Hold many reports, for a time without network; those that are here stay when it is turned off.
export function toggleAlong() {
  desk.isAlong = !desk.isAlong;
  if (desk.isAlong) desk.isExhausted = false; // there may be more to have
  one("[data-do='along']").setAttribute("aria-pressed", String(desk.isAlong));
  showLeft();
  say(desk.isAlong ? `Up to ${page.alongAhead} reports are being fetched` : "No more than usual is fetched ahead");
  refill();
}

addEventListener("online", refill);

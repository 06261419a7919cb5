// The outbox of this page: where its answers go, and whether all of them are saved.

import { desk } from "./desk.js";
import { Outbox } from "./outbox.js";
import { one, page } from "./page.js";
import { csrfToken, sentence } from "./server.js";

async function send(entry) {
  const held = desk.queue.filter((card) => card !== desk.current).map((card) => card.id);
  const response = await fetch(entry.url, {
    method: "POST",
    redirect: "manual",
    keepalive: true,
    headers: { "Content-Type": "application/json", "X-CSRFToken": csrfToken(), "Idempotency-Key": entry.key },
    body: JSON.stringify({ ...entry.body, held }),
  });
  if (response.type === "opaqueredirect") return { status: 401 }; // to the sign-in page
  return { status: response.status, body: response.ok ? await response.json() : await sentence(response) };
}

export const outbox = new Outbox(`concord:outbox:${page.user}:${page.review}:${page.stage}`, send);

// The ids of the reports whose answers are on their way.
export function pendingReports() {
  return new Set(outbox.entries.filter((entry) => entry.kind === "decide").map((entry) => entry.body.report));
}

export function showSaved() {
  const n = outbox.size;
  const state = one("[data-saved]");
  state.hidden = false;
  state.dataset.state = n && outbox.trouble ? "failed" : n ? "waiting" : "saved";
  state.textContent = n ? `${n} not saved yet${outbox.trouble ? `. ${outbox.trouble}` : ""}` : "All saved";
}

// The full text of the report on the screen, and of the next one ahead of time.

import { desk } from "./desk.js";
import { one, page } from "./page.js";

const documents = new Map(); // report id -> promise of its pane, for the reports ahead

function documentOf(card) {
  if (!documents.has(card.id)) {
    const address = page.urls.document.replace(/0\/$/, `${card.id}/`);
    const asked = fetch(address).then((response) => (response.ok ? response.text() : ""));
    asked.catch(() => documents.delete(card.id));
    documents.set(card.id, asked);
  }
  return documents.get(card.id);
}

export async function showDocument(card) {
  const pane = one("[data-document]");
  if (!pane) return;
  pane.replaceChildren();
  const html = await documentOf(card).catch(() => "");
  if (desk.current !== card) return;
  // Our own server's piece; the policy lets no script in it run.
  pane.innerHTML = html;
  if (desk.queue[1]) documentOf(desk.queue[1]).catch(() => "");
}

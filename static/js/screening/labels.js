// Labels on the report on the screen: private until all have decided, sent like answers.

import { desk } from "./desk.js";
import { fill, one, page, say } from "./page.js";
import { outbox } from "./sending.js";

const chips = one("[data-labels]");

export function showLabels(card) {
  for (const chip of chips.children) chip.setAttribute("aria-pressed", String(card.labels.includes(chip.value)));
  fill("[data-labels-of-others]", card.labels_of_others.length ? `From others: ${card.labels_of_others.join(", ")}` : "");
}

function chipOf(name) {
  const same = [...chips.children].find((chip) => chip.value.toLowerCase() === name.toLowerCase());
  if (same) return same;
  const chip = document.createElement("button");
  chip.className = "chip";
  chip.name = "label";
  chip.value = name;
  chip.setAttribute("form", "labels-given");
  chip.dir = "auto";
  chip.textContent = name;
  chips.append(chip);
  const option = document.createElement("option");
  option.value = name;
  one("#label-names").append(option);
  return chip;
}

// The card as it will be once the labels that are on their way have arrived.
export function withPendingLabels(card) {
  for (const { kind, body } of outbox.entries) {
    if (kind !== "label" || body.report !== card.id) continue;
    card.labels = card.labels.filter((name) => name !== body.label);
    if (body.on) card.labels.push(body.label);
  }
  return card;
}

// Put a label on the report on the screen; when it is there already, take it off.
function label(typed) {
  const card = desk.current;
  const words = typed.trim().replace(/\s+/g, " ");
  if (!card || !words) return;
  const name = chipOf(words).value;
  const on = !card.labels.includes(name);
  outbox.put({
    kind: "label",
    url: page.urls.label,
    title: card.title,
    body: { report: card.id, label: name, on },
  });
  card.labels = on ? [...card.labels, name] : card.labels.filter((each) => each !== name);
  showLabels(card);
  say(on ? `Label put on: ${name}` : `Label taken off: ${name}`);
}

for (const form of [one("#labels"), one("#labels-given")]) {
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const input = one("#label");
    label(event.submitter?.matches(".chip") ? event.submitter.value : input.value);
    input.value = "";
  });
}

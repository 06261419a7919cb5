// A question for each criterion, where the stage asks for each: answers, and what they speak for.

import { desk } from "./desk.js";
import { one, page, say } from "./page.js";

const form = one("#answer");
const questions = [...document.querySelectorAll("[data-question]")];
let asking = 0; // which of them a key answers
let askedAbout = page.cards[0]?.id; // the report that the answers on the page are about

export const hasQuestions = questions.length > 0;

const answerTo = (question) => question.querySelector("input:checked")?.value ?? "";

// {criterion id: yes, no or unclear} of those that have an answer.
export const answersGiven = () =>
  Object.fromEntries(questions.filter(answerTo).map((question) => [question.dataset.question, answerTo(question)]));

function ask(place) {
  asking = place;
  questions.forEach((question, nth) => question.toggleAttribute("data-asking", nth === place));
}

// The first from `place` on, round the list, that has no answer; else the one at `place`.
function openFrom(place) {
  const order = questions.map((_, step) => (place + step) % questions.length);
  return order.find((nth) => !answerTo(questions[nth])) ?? place % questions.length;
}

// Begin with what is answered on the page as it came.
export function beginQuestions() {
  ask(openFrom(0));
  propose();
}

// Set the answers to `given`, as answersGiven() returns them.
export function answerWith(given) {
  if (!hasQuestions) return;
  for (const question of questions) {
    for (const radio of question.querySelectorAll("input")) radio.checked = given[question.dataset.question] === radio.value;
  }
  beginQuestions();
}

// Another report asks anew.
export function askAbout(card) {
  if (askedAbout === card.id) return;
  askedAbout = card.id;
  answerWith({});
}

export function answer(says) {
  const question = questions[asking];
  if (!question || !desk.current) return;
  question.querySelector(`input[value=${says}]`).checked = true;
  one("[data-criteria]").classList.remove("is-folded");
  ask(openFrom(asking + 1));
  propose();
  say(`${says}: ${question.querySelector("legend").textContent.trim()}. ${one("[data-proposal]").textContent}`);
}

export function skip() {
  ask((asking + 1) % questions.length);
  say(questions[asking].querySelector("legend").textContent.trim());
}

// What the answers speak for: one criterion that speaks against a report is enough, and for it all
// have to. It marks a button; the person decides.
function propose() {
  const said = questions.map((question) => [question.dataset.kind, answerTo(question)]);
  const isAgainst = said.some(([kind, says]) => says === (kind === "inclusion" ? "no" : "yes"));
  const isComplete = said.every(([, says]) => says);
  const isUnclear = said.some(([, says]) => says === "unclear");
  let verdict = "";
  if (isAgainst) verdict = "exclude";
  else if (isComplete) verdict = isUnclear ? "maybe" : "include";
  const button = verdict && form.querySelector(`[value=${verdict}]`);
  for (const each of form.querySelectorAll("[name=verdict]")) each.toggleAttribute("data-proposed", each === button);
  one("[data-proposal]").textContent = button
    ? `Your answers speak for: ${button.dataset.word.toLowerCase()}. The decision stays yours.`
    : "Answer what you can; the decision stays yours.";
}

for (const [place, question] of questions.entries()) {
  question.addEventListener("change", () => {
    ask(openFrom(place + 1));
    propose();
  });
}

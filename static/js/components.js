// The tree of components by drag and by keyboard. Every act is a form of the page, sent in the
// background; the tree is then read anew, and the cursor stays on the component that moved.
const tree = document.querySelector("[data-tree]");
const arrows = { ArrowUp: "up", ArrowDown: "down", ArrowLeft: "out", ArrowRight: "in" };
let dragged = null;

const nodeOf = (element) => element.closest("[data-node]");

async function send(url, words, code) {
  const body = new FormData();
  for (const [name, value] of Object.entries(words)) body.append(name, value);
  body.append("fetch", "1");
  const answer = await fetch(url, { method: "POST", body, headers: { "X-CSRFToken": concord.csrfToken() } });
  if (answer.status === 422 || answer.status === 409) {
    concord.say(await answer.text(), "error");
    return;
  }
  if (!answer.ok) {
    concord.say("That did not work; load the page again.", "error");
    return;
  }
  await redraw(code);
}

async function redraw(code) {
  const page = await fetch(tree.dataset.tree);
  const fresh = new DOMParser().parseFromString(await page.text(), "text/html");
  const open = new Set([...tree.querySelectorAll("details[open]")].map((each) => nodeOf(each).id));
  tree.replaceChildren(...fresh.querySelector("[data-tree]").children);
  for (const id of open) document.getElementById(id)?.querySelector("details").setAttribute("open", "");
  document.getElementById(code)?.querySelector("summary").focus();
}

const base = () => tree.dataset.tree;

tree.addEventListener("keydown", (event) => {
  const to = event.altKey && !event.ctrlKey && !event.metaKey && arrows[event.key];
  const node = to && nodeOf(event.target);
  if (!node) return;
  event.preventDefault();
  const act = to === "up" || to === "down" ? "shift" : "place";
  send(`${base()}${node.dataset.node}/${act}/`, { to }, node.id);
});

function aim(event) {
  // The upper and lower quarter of a row mean before and after, the middle means below.
  const row = event.target.closest(".node");
  if (!row || !dragged || dragged.contains(row)) return null;
  const box = row.getBoundingClientRect();
  const at = (event.clientY - box.top) / box.height;
  return { row, how: at < 0.25 ? "before" : at > 0.75 ? "after" : "below" };
}

function clear() {
  for (const each of tree.querySelectorAll(".drop-below, .drop-before, .drop-after")) {
    each.classList.remove("drop-below", "drop-before", "drop-after");
  }
}

tree.addEventListener("dragstart", (event) => {
  dragged = nodeOf(event.target);
  event.dataTransfer.effectAllowed = "move";
  event.dataTransfer.setData("text/plain", dragged.id);
  event.target.classList.add("is-dragged");
});

tree.addEventListener("dragend", (event) => {
  event.target.classList.remove("is-dragged");
  dragged = null;
  clear();
});

tree.addEventListener("dragover", (event) => {
  clear();
  const target = aim(event);
  if (!target) return;
  event.preventDefault();
  target.row.classList.add(`drop-${target.how}`);
});

tree.addEventListener("drop", (event) => {
  const target = aim(event);
  if (!target) return;
  event.preventDefault();
  const node = nodeOf(target.row);
  const above = node.parentElement.closest("[data-node]");
  const next = target.how === "after" ? node.nextElementSibling : node;
  const words = target.how === "below"
    ? { parent: node.dataset.node, before: "" }
    : { parent: above ? above.dataset.node : "", before: next && next !== dragged ? next.dataset.node : "" };
  if (target.how === "after" && next === dragged) words.before = dragged.nextElementSibling?.dataset.node ?? "";
  send(`${base()}${dragged.dataset.node}/place/`, words, dragged.id);
});

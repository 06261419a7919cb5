// Coding a transcript: marked words become code-point offsets in the form; a click on a coded
// passage shows its codings. Without this module the passage is pasted into the form.

const text = document.querySelector("[data-transcript]");
const form = document.querySelector("[data-coding]");

// Offsets are counted in Unicode code points; JavaScript's strings count UTF-16 units.
const points = (string) => Array.from(string).length;

function offsetOf(node, unit) {
  const element = node.nodeType === Node.TEXT_NODE ? node.parentElement : node;
  const piece = element.closest("[data-start]");
  if (!piece || !text.contains(piece)) return null;
  const before = node.nodeType === Node.TEXT_NODE ? node.data.slice(0, unit) : "";
  return Number(piece.dataset.start) + points(before);
}

function marked() {
  const selection = document.getSelection();
  if (!selection || selection.isCollapsed || !selection.rangeCount) return null;
  const range = selection.getRangeAt(0);
  if (!text.contains(range.startContainer) || !text.contains(range.endContainer)) return null;
  const start = offsetOf(range.startContainer, range.startOffset);
  const end = offsetOf(range.endContainer, range.endOffset);
  if (start === null || end === null || end <= start) return null;
  return { start, end, words: selection.toString() };
}

function take() {
  const found = marked();
  if (!found || !form) return;
  form.elements.start.value = found.start;
  form.elements.end.value = found.end;
  form.elements.words.value = found.words;
}

function show(ids) {
  for (const each of document.querySelectorAll(".is-shown")) each.classList.remove("is-shown");
  for (const id of ids) {
    const row = document.getElementById(`excerpt-${id}`);
    row?.classList.add("is-shown");
    for (const piece of text.querySelectorAll("mark")) {
      if (piece.dataset.excerpts.split(" ").includes(id)) piece.classList.add("is-shown");
    }
  }
  return document.getElementById(`excerpt-${ids[0]}`);
}

if (text) {
  text.addEventListener("mouseup", take);
  text.addEventListener("keyup", take);
  text.addEventListener("touchend", () => setTimeout(take, 50));
  text.addEventListener("click", (event) => {
    const piece = event.target.closest("mark");
    if (piece && document.getSelection()?.isCollapsed) {
      show(piece.dataset.excerpts.split(" "))?.scrollIntoView({ block: "nearest" });
    }
  });
  document.querySelector(".codings")?.addEventListener("click", (event) => {
    const row = event.target.closest("[data-excerpt]");
    if (!row || event.target.closest("form")) return;
    show([row.dataset.excerpt]);
    text.querySelector("mark.is-shown")?.scrollIntoView({ block: "center" });
  });
  // Typed or pasted words count by themselves: the offsets of an older mark are dropped.
  form?.elements.words.addEventListener("input", () => {
    form.elements.start.value = "";
    form.elements.end.value = "";
  });
}

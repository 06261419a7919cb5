// Words on a page as they are compared: without spaces, hyphens and ligatures, because a line may be
// broken at any. Each letter remembers the text node it came from.

const LEFT_OUT = /[\s\u00ad\u200b-\u200d\ufeff\u2010\u2011-]/u;

export function squeeze(text) {
  return [...text.normalize("NFKC")].filter((letter) => !LEFT_OUT.test(letter)).join("");
}

// {letters, places} of an element: places[i] is {node, offset} of letter i.
export function squeezed(element) {
  const letters = [];
  const places = [];
  const walker = document.createTreeWalker(element, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const node = walker.currentNode;
    let offset = 0;
    for (const raw of node.data) {
      if (!LEFT_OUT.test(raw)) {
        for (const letter of raw.normalize("NFKC")) {
          letters.push(letter);
          places.push({ node, offset });
        }
      }
      offset += raw.length;
    }
  }
  return { letters: letters.join(""), places };
}

export function rangeOf(places, start, length) {
  const range = document.createRange();
  const last = places[start + length - 1];
  range.setStart(places[start].node, places[start].offset);
  range.setEnd(last.node, last.offset + 1);
  return range;
}

// Ranges are painted by name, so that a page's words need not be changed to mark some of them.
export function paint(name, ranges) {
  if (!globalThis.Highlight || !CSS.highlights) return;
  CSS.highlights.set(name, new Highlight(...ranges));
}

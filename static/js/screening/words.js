// Marks words in a text. A word is found where it stands alone, whatever its capitals and accents; "*"
// stands for any letters and "?" for one. Text is only ever split, never read as HTML.

const LETTER = "[\\p{L}\\p{N}\\p{M}]";
const LONGEST_REST = 40; // letters that one "*" may stand for
// Scripts that write words without a space between them: there no edge of a word can be asked for.
const WITHOUT_SPACES =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}]/u;

// A letter with all its marks; plain ASCII letters without marks are folded at once.
const CLUSTER = /[\0-\x7f]\p{M}+|[^\0-\x7f]\p{M}*/gu;
// Accents of Latin, Greek and Cyrillic, and the vowel signs that Hebrew and Arabic may leave out.
const ACCENT = /[\u0300-\u036f\u0591-\u05bd\u05bf\u05c1\u05c2\u05c4\u05c5\u05c7\u0610-\u061a\u064b-\u065f\u0670]/g;
const INVISIBLE = /[\u00ad\u200b\u200e\u200f\u2060\ufeff]/g; // soft hyphens and their like

function foldedCluster(cluster) {
  const apart = cluster.normalize("NFD");
  const bare = apart.replace(ACCENT, "").replace(INVISIBLE, "");
  return bare.normalize("NFC").toLowerCase().replaceAll("ς", "σ");
}

// {text, at}: without accents and capitals, and where each of its letters stands in the original.
export function folded(text) {
  if (!/[^\0-\x7f]/.test(text)) return { text: text.toLowerCase(), at: null };
  const parts = [];
  const at = [];
  let before = 0;
  const plain = (until) => {
    if (until > before) parts.push(text.slice(before, until).toLowerCase());
    for (let place = before; place < until; place += 1) at.push(place);
  };
  for (const found of text.matchAll(CLUSTER)) {
    plain(found.index);
    const letters = foldedCluster(found[0]);
    parts.push(letters);
    for (let n = 0; n < letters.length; n += 1) at.push(found.index);
    before = found.index + found[0].length;
  }
  plain(text.length);
  at.push(text.length);
  return { text: parts.join(""), at };
}

// The regular expression of one word or phrase, or "" for one that holds nothing.
function source(word) {
  const { text } = folded(word.trim());
  if (!/[\p{L}\p{N}]/u.test(text)) return "";
  const body = text.replace(/[\s\p{Pd}]+|[*?]|['’]|[\\^$.+()[\]{}|/]/gu, (sign) => {
    if (sign === "*") return `${LETTER}{0,${LONGEST_REST}}`;
    if (sign === "?") return LETTER;
    if (sign === "'" || sign === "’") return "['’]";
    return /[\s\p{Pd}]/u.test(sign) ? "[\\s\\p{Pd}]+" : `\\${sign}`;
  });
  const [first, last] = [[...text][0], [...text].at(-1)];
  const begin = WITHOUT_SPACES.test(first) || !/[\p{L}\p{N}*?]/u.test(first) ? "" : `(?<!${LETTER})`;
  const end = WITHOUT_SPACES.test(last) || !/[\p{L}\p{N}\p{M}*?]/u.test(last) ? "" : `(?!${LETTER})`;
  return begin + body + end;
}

function pattern(words) {
  const longestFirst = words.toSorted((one, other) => other.length - one.length);
  const sources = longestFirst.map(source).filter(Boolean);
  return sources.length ? new RegExp(sources.join("|"), "gu") : null;
}

export class Words {
  #patterns;

  // `lists` is {include: [words], exclude: [words]}.
  constructor(lists) {
    this.#patterns = Object.entries(lists)
      .map(([kind, words]) => [kind, pattern(words)])
      .filter(([, found]) => found);
  }

  get any() {
    return this.#patterns.length > 0;
  }

  // [{start, end, kind}] in the order of the text; of two that overlap the earlier, then the longer.
  find(text) {
    if (!text || !this.any) return [];
    const { text: bare, at } = folded(text);
    const found = [];
    for (const [kind, words] of this.#patterns) {
      for (const { index, 0: hit } of bare.matchAll(words)) {
        const end = index + hit.length;
        found.push({ start: at ? at[index] : index, end: at ? at[end] : end, kind });
      }
    }
    found.sort((one, other) => one.start - other.start || other.end - one.end);
    let last = 0;
    return found.filter(({ start, end }) => start >= last && (last = end));
  }

  // Put a <mark> around each hit in the text nodes of `element`.
  mark(element) {
    if (!this.any) return;
    const walker = document.createTreeWalker(element, NodeFilter.SHOW_TEXT);
    const nodes = [];
    while (walker.nextNode()) nodes.push(walker.currentNode);
    for (const node of nodes) {
      const text = node.data;
      const hits = this.find(text);
      if (!hits.length) continue;
      const pieces = document.createDocumentFragment();
      let before = 0;
      for (const { start, end, kind } of hits) {
        const mark = document.createElement("mark");
        mark.className = `hit hit-${kind}`;
        mark.textContent = text.slice(start, end);
        pieces.append(text.slice(before, start), mark);
        before = end;
      }
      pieces.append(text.slice(before));
      node.replaceWith(pieces);
    }
  }
}

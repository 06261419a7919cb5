// Answers on their way to the server. Each lies in localStorage, in an entry of its own, until the
// server has said yes or no: a lost connection, a closed tab or a second tab loses or doubles none.
// Each carries a key made here, so that the server carries it out once however often it arrives.

const FIRST_WAIT = 1000;
const LONGEST_WAIT = 30000;

function uuid() {
  if (crypto.randomUUID) return crypto.randomUUID(); // absent on plain http
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

export class Outbox extends EventTarget {
  #prefix;
  #memory = new Map(); // where the browser keeps nothing
  #sending = null;
  #wait = FIRST_WAIT;
  #timer = 0;
  #number = 0;

  // `send(entry)` answers {status, body}, throws when the server could not be reached. Events:
  // "change", "taken" and "refused" {entry, body}, "elsewhere" {entry}: put in by another tab.
  constructor(prefix, send) {
    super();
    this.#prefix = `${prefix}:`;
    this.send = send;
    this.trouble = "";
    addEventListener("online", () => this.hurry());
    addEventListener("storage", (event) => {
      if (!event.key?.startsWith(this.#prefix)) return;
      // It may have left again before we look: the event itself brings the entry.
      if (event.newValue && !event.oldValue) this.#tell("elsewhere", { entry: JSON.parse(event.newValue) });
      this.#tell("change");
    });
    document.addEventListener("visibilitychange", () => document.hidden || this.hurry());
    addEventListener("beforeunload", (event) => {
      if (this.size) event.preventDefault();
    });
  }

  get entries() {
    const found = [...this.#memory.values()];
    try {
      for (const name of Object.keys(localStorage)) {
        if (name.startsWith(this.#prefix)) found.push(JSON.parse(localStorage.getItem(name)));
      }
    } catch {
      // Storage is forbidden: what was put aside is in #memory.
    }
    return found.sort((one, other) => one.at - other.at || one.number - other.number);
  }

  get size() {
    return this.entries.length;
  }

  put(entry) {
    const kept = { ...entry, key: uuid(), at: Date.now(), number: this.#number++ };
    try {
      localStorage.setItem(this.#prefix + kept.key, JSON.stringify(kept));
    } catch {
      this.#memory.set(kept.key, kept); // forbidden or full
    }
    this.#tell("change");
    setTimeout(() => this.#pump(), 0); // after the next report is on its way to the screen
    return kept;
  }

  // Take an entry out again that has never left; false when it may have.
  takeOut(key) {
    if (this.#sending === key || !this.entries.some((entry) => entry.key === key && !entry.tried)) return false;
    this.#remove(key);
    return true;
  }

  hurry() {
    this.#wait = FIRST_WAIT;
    clearTimeout(this.#timer);
    this.#timer = 0;
    this.#pump();
  }

  #remove(key) {
    this.#memory.delete(key);
    try {
      localStorage.removeItem(this.#prefix + key);
    } catch {
      // It was in #memory.
    }
    this.#tell("change");
  }

  // From now on it may have reached the server, whatever this browser hears of it.
  #markTried(entry) {
    const tried = { ...entry, tried: true };
    if (this.#memory.has(entry.key)) this.#memory.set(entry.key, tried);
    else localStorage.setItem(this.#prefix + entry.key, JSON.stringify(tried));
  }

  // One at a time and in order: an answer, its undo and the next answer must not overtake each other.
  async #pump() {
    if (this.#sending || this.#timer) return;
    const [entry] = this.entries;
    if (!entry) return;
    this.#sending = entry.key;
    let answer = null;
    try {
      this.#markTried(entry);
      answer = await this.send(entry);
    } catch {
      answer = { status: 0 };
    }
    this.#sending = null;
    if (answer.status === 0 || answer.status === 401 || answer.status === 429 || answer.status >= 500) {
      this.trouble = answer.status === 401 ? "You are signed out. Sign in in another tab." : answer.status === 0 ? "No connection." : "The server is busy.";
      this.#timer = setTimeout(() => {
        this.#timer = 0;
        this.#pump();
      }, this.#wait);
      this.#wait = Math.min(this.#wait * 2, LONGEST_WAIT);
      this.#tell("change");
      return;
    }
    this.trouble = "";
    this.#wait = FIRST_WAIT;
    const isTaken = answer.status < 300;
    this.#tell(isTaken ? "taken" : "refused", { entry, body: answer.body });
    this.#remove(entry.key);
    this.#pump();
  }

  #tell(what, detail = null) {
    this.dispatchEvent(new CustomEvent(what, { detail }));
  }
}

// What the server sent with the page, and small things that every part of it needs.

export const page = JSON.parse(document.getElementById("screening-data").textContent);

export const SAID = { include: "Included", maybe: "Maybe", exclude: "Excluded", awaiting: "Awaiting classification", ongoing: "Ongoing study" };

export const one = (selector) => document.querySelector(selector);

export function fill(selector, text) {
  const element = one(selector);
  element.textContent = text;
  element.hidden = !text;
}

// To those who listen to the page.
export function say(words) {
  one("[data-said]").textContent = words;
}

// The address called `name`, of the object `id`.
export function address(name, id) {
  return page.urls[name].replace(/\/0\//, `/${id}/`);
}

// Small choices of this browser. Where it keeps nothing they last as long as the page.
export function remembered(name) {
  try {
    return localStorage.getItem(name);
  } catch {
    return null;
  }
}

export function remember(name, value) {
  try {
    localStorage.setItem(name, value);
  } catch {
    // It lasts for this page.
  }
}

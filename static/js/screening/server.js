// Talking to the server, for what is not an answer: answers go through the outbox (sending.js).

export function csrfToken() {
  // The cookie is newer than the page after signing in again in another tab.
  return document.cookie.match(/(?:^|; )csrftoken=([^;]+)/)?.[1] ?? window.concord.csrfToken();
}

// What a refusal says: {detail, ...}, from JSON or from the page that came instead.
export async function sentence(response) {
  const text = await response.text();
  try {
    const body = JSON.parse(text);
    return body.detail ? body : { detail: "The server refused it.", ...body };
  } catch {
    const said = new DOMParser().parseFromString(text, "text/html").querySelector("[data-say]");
    return { detail: said?.textContent.trim() || "The server refused it." };
  }
}

// The JSON that comes back. Throws a TypeError without a connection, an Error with what the server said.
export async function post(url, body, headers = {}) {
  const response = await fetch(url, {
    method: "POST",
    redirect: "manual",
    headers: { "X-CSRFToken": csrfToken(), Accept: "application/json", ...headers },
    body,
  });
  if (response.ok) return response.json();
  throw new Error((await sentence(response)).detail);
}

// Show why `post` failed; `offline` is the sentence for a lost connection.
export function complain(problem, offline) {
  window.concord.say(problem instanceof TypeError ? offline : problem.message, "error");
}

// What all pages share: making elements, asking the server, saying something once.
// Text goes into the page as text; MathML goes in through a parser that runs nothing, and only if it is MathML alone.

export const data = JSON.parse(document.getElementById("page-data").textContent);
export const words = data.words;
export const find = (selector, root = document) => root.querySelector(selector);
export const all = (selector, root = document) => [...root.querySelectorAll(selector)];

export function make(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === false || value === null || value === undefined) continue;
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else element.setAttribute(name, value === true ? "" : value);
  }
  element.append(...children.filter((child) => child !== null && child !== undefined));
  return element;
}

const MATHML = "http://www.w3.org/1998/Math/MathML";

/** The element of a `<math>` text, or the fallback as text where there is none. */
export function math(text, fallback = "") {
  const root = text ? find("math", new DOMParser().parseFromString(text, "text/html")) : null;
  return root && onlyMath(root) ? document.importNode(root, true) : make("code", {}, fallback);
}

function onlyMath(root) {
  return [root, ...root.querySelectorAll("*")].every(
    (one) => one.namespaceURI === MATHML && ![...one.attributes].some((a) => /^on|href|src|action/i.test(a.name)),
  );
}

/** Words and formulas of the server as nodes. */
export function sentence(pieces) {
  return pieces.map((piece) => ("text" in piece ? document.createTextNode(piece.text) : math(piece.mathml, piece.latex)));
}

/** An element with a reason that the server wrote: its markup is MathML and text alone. */
export function markup(html) {
  const template = new DOMParser().parseFromString(html, "text/html");
  return [...template.body.childNodes].map((node) => document.importNode(node, true));
}

export class Refused extends Error {
  constructor(code, message, where = "") { super(message); this.code = code; this.where = where; }
}

async function asked(path, body, signal) {
  let response;
  try {
    response = await fetch(data.root + path, body === undefined ? { signal } : {
      method: "POST", signal, headers: { "Content-Type": "application/json", "Accept-Language": data.lang }, body: JSON.stringify(body),
    });
  } catch (error) {
    if (error.name === "AbortError") throw error;
    throw new Refused("gone", words.no_answer);
  }
  if (!response.ok) {
    const found = await response.json().catch(() => null);
    throw new Refused(found?.error?.code ?? "fault", found?.error?.message ?? words.no_answer, found?.error?.where);
  }
  return response;
}

export const ask = async (name, body, signal) => (await asked(`/api/v1/${name}`, body, signal)).json();
export const askPart = async (name, body, signal) =>
  new DOMParser().parseFromString(await (await asked(`/parts/${name}`, body, signal)).text(), "text/html").body;

/** Only the last of many calls runs to its end; the one before is aborted. */
export function latest(work) {
  let controller = new AbortController();
  const run = async (...given) => {
    controller.abort();
    controller = new AbortController();
    const { signal } = controller;
    try { return await work(signal, ...given); } catch (error) { if (error.name !== "AbortError") throw error; }
  };
  run.stop = () => controller.abort();
  return run;
}

export function rested(work, pause) {
  let timer;
  const later = (...given) => { clearTimeout(timer); timer = setTimeout(() => work(...given), pause); };
  later.now = (...given) => { clearTimeout(timer); work(...given); };
  later.drop = () => clearTimeout(timer);
  return later;
}

/** Said once by a screen reader that is done with what it says. */
export function say(text) { find("#status").textContent = text; }

export async function copy(text, button) {
  const before = button.textContent;
  try { await navigator.clipboard.writeText(text); button.textContent = words.copied; }
  catch {
    const area = make("textarea", { class: "unseen" }, text);
    document.body.append(area); area.select();
    button.textContent = document.execCommand("copy") ? words.copied : words.not_copied;
    area.remove(); button.focus();
  }
  say(button.textContent);
  setTimeout(() => { button.textContent = before; }, 1600);
}

export function save(name, text) {
  const link = make("a", { href: URL.createObjectURL(new Blob([text], { type: "text/plain;charset=utf-8" })), download: name });
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 1000);
}

/** One stop of the Tab key for a list; arrows move inside. */
export function roving(container) {
  const stops = all(".stop", container);
  stops.forEach((stop, k) => { stop.tabIndex = k ? -1 : 0; });
  all("summary, .copy", container).forEach((inner) => { inner.tabIndex = -1; });
  if (container.dataset.roves) return;
  container.dataset.roves = "yes";
  container.addEventListener("keydown", (event) => {
    const here = event.target.closest(".stop");
    if (!here || event.target !== here) return;
    const now = all(".stop", container), place = now.indexOf(here);
    const to = { ArrowDown: place + 1, ArrowUp: place - 1, Home: 0, End: now.length - 1 }[event.key];
    if (to !== undefined && now[to]) {
      event.preventDefault(); here.tabIndex = -1; now[to].tabIndex = 0; now[to].focus();
    } else if (event.key === "Enter" || event.key === " ") {
      const fold = find("details", here);
      if (fold) { event.preventDefault(); fold.open = !fold.open; }
    }
  });
}

// One quantity lights up in the graph, in every formula and in the code.  A key that is not in all of the three is no link.

import { all, find, make, words } from "./dom.js";

const keysOf = (element, name = "key") => (element.dataset[name] ?? element.getAttribute(`data-${name}`) ?? "").split(" ").filter(Boolean);
const MEDIA = { graph: "#graph g[data-key]", formulas: "math [data-key]", code: ".code .row[data-key]" };

export class Links {
  constructor(root, bar, numbers) {
    this.root = root; this.bar = bar; this.numbers = numbers; this.pinned = null; this.keys = new Set();
    root.addEventListener("pointerover", (event) => { if (!this.pinned && event.pointerType !== "touch") this.light(this.under(event.target)); });
    root.addEventListener("pointerleave", () => { if (!this.pinned) this.light(null); });
    root.addEventListener("focusin", (event) => { if (!this.pinned && event.target.matches?.(".stop:focus-visible")) this.light(this.under(event.target)); });
    root.addEventListener("click", (event) => {
      if (event.target.closest("button, a, summary, input, select, textarea")) return;
      const found = this.under(event.target);
      this.pinned = found && String(found) !== String(this.pinned) ? found : null;
      this.light(found);
      if (!this.pinned && found) this.light(null);
    });
    document.addEventListener("keydown", (event) => { if (event.key === "Escape") { this.pinned = null; this.light(null); } });
  }

  /** After the page has changed: which keys are in all of the media that there are. */
  refresh() {
    this.pinned = null;
    const found = Object.values(MEDIA).map((selector) => new Set(all(selector, this.root).flatMap((one) => [...keysOf(one), ...keysOf(one, "uses")])));
    const there = found.filter((keys) => keys.size);
    this.keys = new Set(there.length < 2 ? [] : [...there[0]].filter((key) => there.every((keys) => keys.has(key))));
    for (const one of all("[data-key]", this.root)) one.classList.toggle("linkable", keysOf(one).some((key) => this.keys.has(key)));
    this.light(null);
  }

  /** The keys that belong to a place: a symbol's own; those of a whole line from its reason or number. */
  under(target) {
    if (!(target instanceof Element)) return null;
    const symbol = target.closest("[data-key]");
    if (symbol && this.root.contains(symbol)) {
      const keys = keysOf(symbol).filter((key) => this.keys.has(key));
      if (symbol.closest("#graph")) {
        const kind = symbol.closest(".errors") ? "e:" : "v:";
        const found = keys.filter((key) => key.startsWith(kind)).slice(0, 1);
        return found.length ? found : null;
      }
      return keys.length ? keys : null;
    }
    const line = target.closest(".why, .number, .stop");
    if (!line || !this.root.contains(line)) return null;
    if (line === target || target.closest(".why, .number")) {
      const whole = line.closest(".stop") ?? line;
      return [...new Set(all("math [data-key]", whole).flatMap((one) => keysOf(one)))].filter((key) => this.keys.has(key));
    }
    return null;
  }

  light(keys) {
    const wanted = new Set(keys ?? []);
    for (const one of all(".lit, .reads", this.root)) one.classList.remove("lit", "reads");
    if (wanted.size) {
      for (const one of all("[data-key]", this.root)) if (keysOf(one).some((key) => wanted.has(key))) one.classList.add("lit");
      for (const one of all("[data-uses]", this.root)) if (keysOf(one, "uses").some((key) => wanted.has(key))) one.classList.add("reads");
      if (wanted.size === 1) for (const one of all(".equation", this.root)) {
        const left = find("math [data-key]", one);
        if (left && wanted.has(keysOf(left)[0])) one.classList.add("lit");
      }
    }
    this.reveal();
    this.tell(keys?.length === 1 ? keys[0] : null);
  }

  /** The code has a scroll of its own beside the formulas: its first lit line comes into view there. */
  reveal() {
    const pane = find(".code", this.root), row = find(".code .row.lit", this.root);
    if (!pane || !row || pane.scrollHeight <= pane.clientHeight || pane.matches(":hover")) return;
    const top = row.offsetTop - pane.offsetTop;
    if (top < pane.scrollTop || top > pane.scrollTop + pane.clientHeight - 60) pane.scrollTop = top - pane.clientHeight / 3;
  }

  /** At the bottom: the equation of the quantity, its lines of code, its value. */
  tell(key) {
    this.bar.hidden = !key;
    if (!key) return;
    const equation = all(".equation", this.root).find((one) => keysOf(find("math [data-key]", one))[0] === key);
    const rows = all(".code .row", this.root).filter((one) => keysOf(one).includes(key) && !one.classList.contains("cites"));
    const shown = equation ? find(".formula", equation).cloneNode(true) : all(`math [data-key="${CSS.escape(key)}"]`, this.root)[0]?.closest("math").cloneNode(true);
    for (const one of shown ? all(".lit", shown) : []) one.classList.remove("lit");
    const value = this.numbers()[key];
    this.bar.replaceChildren(
      make("div", {}, shown ?? ""),
      make("pre", {}, make("code", {}, rows.slice(0, 6).map((one) => one.textContent.trim()).join("\n"))),
      make("div", { class: "value" }, value ? `= ${value}` : "", value ? make("span", { class: "quiet" }, ` ${words.value_here}`) : ""),
    );
  }
}

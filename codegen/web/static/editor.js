// A textarea over a backdrop with the same text: marks behind the letters, and everything native stays native.

import { find, make } from "./dom.js";

export class Editor {
  constructor(root) {
    this.area = find("textarea", root);
    this.backdrop = find(".backdrop", root);
    this.area.addEventListener("scroll", () => this.follow());
    new ResizeObserver(() => this.follow()).observe(this.area);
    this.marks = [];
    this.draw();
  }

  get text() { return this.area.value; }

  follow() { this.backdrop.scrollTop = this.area.scrollTop; this.backdrop.scrollLeft = this.area.scrollLeft; }

  /** marks: [{start, end, name}], which may overlap: a slip inside a line. */
  draw(marks = this.marks) {
    this.marks = marks;
    const text = this.area.value;
    const cuts = [...new Set([0, text.length, ...marks.flatMap((m) => [m.start, m.end])])].filter((k) => k >= 0 && k <= text.length).sort((a, b) => a - b);
    const parts = [];
    cuts.slice(0, -1).forEach((start, k) => {
      const names = marks.filter((m) => m.start <= start && m.end >= cuts[k + 1] && m.start < m.end).map((m) => m.name);
      const piece = text.slice(start, cuts[k + 1]);
      parts.push(names.length ? make("mark", { class: names.join(" ") }, piece) : piece);
    });
    this.backdrop.replaceChildren(...parts, "\n\n");
    this.follow();
  }

  /** After typing the marks stand where their text now is; what was typed into is no longer marked as a slip. */
  shift(before) {
    const after = this.area.value;
    let front = 0, back = 0;
    while (front < Math.min(before.length, after.length) && before[front] === after[front]) front++;
    while (back < Math.min(before.length, after.length) - front && before[before.length - 1 - back] === after[after.length - 1 - back]) back++;
    const end = before.length - back, grown = after.length - before.length;
    const moved = this.marks.map((m) => ({ ...m,
      start: m.start >= end ? m.start + grown : m.start,
      end: m.end >= end ? m.end + grown : Math.min(m.end, front),
      touched: !(m.end < front || m.start > end) }));
    this.draw(moved.filter((m) => !m.touched));
    return { start: front, end: after.length - back };
  }

  /** Replace a part as if it had been typed, so that the browser's own undo takes it back. */
  replace(start, end, text) {
    this.area.focus();
    this.area.setSelectionRange(start, end);
    if (!document.execCommand("insertText", false, text)) {
      this.area.setRangeText(text, start, end, "end");
      this.area.dispatchEvent(new InputEvent("input", { bubbles: true }));
    }
  }

  go(start, end = start) {
    this.area.focus();
    this.area.setSelectionRange(start, end);
    const line = this.text.slice(0, start).split("\n").length;
    const height = parseFloat(getComputedStyle(this.area).lineHeight);
    this.area.scrollTop = Math.max(0, (line - 4) * height);
  }
}

/** Where a complaint about a TOML text belongs: a line and column it names, or the key that it begins with. */
export function placed(message, text) {
  const lines = text.split("\n");
  const startOf = (row) => lines.slice(0, row).reduce((sum, one) => sum + one.length + 1, 0);
  const named = /(?:at line|строка) (\d+), (?:column|столбец) (\d+)/.exec(message);
  let row = named ? Number(named[1]) - 1 : -1;
  if (row < 0) {
    const path = /^(?:spec: )?([\w.]+):/.exec(message)?.[1]?.split(".") ?? [];
    for (let upto = path.length; upto > 0 && row < 0; upto--) {
      const table = path.slice(0, upto).join(".").replace(/[.]/g, "\\.");
      const head = lines.findIndex((one) => new RegExp(`^\\s*\\[${table}\\]`).test(one));
      const key = path[upto];
      const from = head < 0 ? 0 : head;
      if (head >= 0) {
        const below = key ? lines.findIndex((one, k) => k > head && new RegExp(`^\\s*${key}\\s*=`).test(one)) : -1;
        row = below >= 0 ? below : head;
      } else if (upto === 1) row = lines.findIndex((one, k) => k >= from && new RegExp(`^\\s*${path[0]}\\s*=`).test(one));
    }
  }
  if (row < 0 || row >= lines.length) return null;
  const start = startOf(row) + /^\s*/.exec(lines[row])[0].length;
  return { start, end: Math.max(start + 1, startOf(row) + lines[row].length) };
}

// The mark page: a verdict for every line while one types; the line being typed is never red before a rest.

import { all, ask, copy, data, find, latest, make, math, Refused, rested, roving, save, say, sentence, words } from "./dom.js";
import { Editor, placed } from "./editor.js";
import { packed, unpacked } from "./share.js";

const network = find("#network"), specArea = find("#spec"), fold = find("#spec-fold"), complaint = find("#spec-error");
const editor = new Editor(find("#h-text").parentElement), area = editor.area, specEditor = new Editor(fold);
const list = find("#marks"), summary = find("#summary"), empty = find("#empty");
/** Marked after a pause of so many milliseconds; the line under the caret is judged in the open after REST. */
const PAUSE = 250, REST = 1000;
let before = "", typing = null, marking = null, current = null;

const own = () => network.value === "";
const spec = () => (own() ? specArea.value : network.value);
const shelf = () => `chainrule:mark:${own() ? "own" : network.value}`;
const NAMES = { proved: "right", agrees: "right", refuted: "wrong", "not understood": "unread", given: "given" };
const SIGNS = { right: "✓", wrong: "✗", unread: "?", given: "·", typing: "…", unchanged: "=" };

function nameOf(line) {
  const name = line.unchanged ? "unchanged" : NAMES[line.verdict];
  const being = typing && line.span && line.span.start <= typing.end && line.span.end >= typing.start;
  return being && name !== "right" ? "typing" : name;
}

/** The server counts characters, a browser counts units of UTF-16: the same unless there are signs beyond the plane. */
function inUnits(found, text) {
  if (!/[\ud800-\udfff]/.test(text)) return found;
  const at = [0];
  for (const char of text) at.push(at.at(-1) + char.length);
  for (const line of found.lines) for (const span of [line.span, line.wrong_span]) if (span) { span.start = at[span.start]; span.end = at[span.end]; }
  return found;
}

/** Two phases: the verdicts, then the slip of the first wrong line. */
const mark = latest(async (signal) => {
  const text = area.value;
  if (!text.trim()) { show(null); return; }
  const asked = { text, spec: text.includes("%!") ? null : spec(), lang: data.lang };
  try {
    const found = inUnits(await ask("mark", { ...asked, diagnose: "none" }, signal), text);
    if (area.value !== text) return;
    complain("");
    const wrong = found.lines.find((line) => line.number === found.first_wrong);
    if (wrong) wrong.searching = true;
    show(found);
    if (wrong) {
      const told = inUnits(await ask("mark", { ...asked, diagnose: "first" }, signal), text);
      if (area.value === text) show(told);
    }
  } catch (error) {
    if (error.name === "AbortError") throw error;
    if (error instanceof Refused && error.code === "spec" && own()) { complain(error.message); fold.open = true; }
    summary.textContent = error.message;
    stale();
  }
});

const soon = rested(() => mark(), PAUSE);
const settled = rested(() => { typing = null; if (marking) show(marking); }, REST);

area.addEventListener("input", () => {
  const at = editor.shift(before);
  before = area.value;
  const lines = { start: before.lastIndexOf("\n", at.start - 1) + 1, end: before.indexOf("\n", at.end) };
  typing = { start: lines.start, end: lines.end < 0 ? before.length : lines.end };
  keep();
  stale();
  soon();
  settled();
});
area.addEventListener("blur", () => settled.now());
area.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) { event.preventDefault(); typing = null; settled.drop(); soon.now(); }
});
document.addEventListener("keydown", (event) => {
  if (event.key !== "F8" || !marking) return;
  event.preventDefault();
  const wrong = marking.lines.filter((line) => ["refuted", "not understood"].includes(line.verdict) && line.span);
  if (!wrong.length) return;
  const caret = area.selectionStart;
  const next = event.shiftKey ? wrong.findLast((line) => line.span.start < caret && !(caret <= line.span.end)) ?? wrong.at(-1) : wrong.find((line) => line.span.start > caret) ?? wrong[0];
  editor.go(next.span.start, next.span.end);
  follow();
});
document.addEventListener("selectionchange", () => { if (document.activeElement === area) follow(); });

/** The mark of the line with the caret comes into view. */
function follow() {
  const caret = area.selectionStart;
  const line = marking?.lines.find((one) => one.span && one.span.start <= caret && caret <= one.span.end + 1);
  if (line?.number === current) return;
  current = line?.number ?? null;
  for (const one of all(".mark-line", list)) one.classList.toggle("current", Number(one.dataset.number) === current);
  find(".mark-line.current", list)?.scrollIntoView({ block: "nearest" });
}

function stale() { for (const one of all(".mark-line", list)) { const line = marking?.lines.find((l) => l.number === Number(one.dataset.number)); if (line && nameOf(line) === "typing") redraw(line); } }

function redraw(line) {
  const old = find(`.mark-line[data-number="${line.number}"]`, list), fresh = item(line);
  if (old && old !== fresh) { fresh.tabIndex = old.tabIndex; old.replaceWith(fresh); }
}

/** The element of a line; one that says the same stays the same, so that a click on it is not lost under the pointer. */
const items = new Map();
function item(line) {
  const says = JSON.stringify([line, nameOf(line)]);
  const old = items.get(line.number);
  if (old?.says === says) return old.element;
  const element = drawn(line);
  items.set(line.number, { says, element });
  return element;
}

function show(found) {
  marking = found;
  before = area.value;
  empty.hidden = Boolean(found?.lines.length);
  if (!found) { list.replaceChildren(); summary.textContent = ""; editor.draw([]); return; }
  const lines = found.lines.map(item);
  if (lines.length !== list.children.length || lines.some((one, k) => one !== list.children[k])) list.replaceChildren(...lines);
  roving(list);
  const being = found.lines.some((line) => nameOf(line) === "typing");
  const text = being && found.verdict !== "correct" ? "…" : found.summary;
  if (summary.textContent !== text) summary.textContent = text;
  const marks = [];
  for (const line of found.lines) {
    const name = nameOf(line);
    if (!line.span || name === "typing" || name === "given") continue;
    marks.push({ ...line.span, name: `m-${name === "unchanged" ? "unread" : name}` });
    if (line.wrong_span) marks.push({ ...line.wrong_span, name: name === "unread" ? "slip unread" : "slip" });
  }
  editor.draw(marks);
  current = null;
  follow();
}

function drawn(line) {
  const name = nameOf(line);
  const calm = name === "typing";
  const parts = [
    make("span", { class: "sign", "aria-hidden": "true" }, SIGNS[name]),
    make("span", { class: "head" }, `${words.line} ${line.number}: `, make("b", {}, words[`v_${name}`]), line.rule && name === "right" ? ` — ${line.rule}` : "", line.follows_wrong && name === "right" ? ` (${words.follows})` : ""),
  ];
  const reading = make("div", { class: "formula reading", title: words.read_as }, math(line.read_as, line.latex));
  parts.push(reading);
  if (!calm && line.searching) parts.push(make("p", { class: "quiet" }, words.searching));
  if (!calm && line.diagnosis.length) parts.push(make("p", { class: "sentence" }, ...sentence(line.diagnosis)));
  if (!calm && line.note && !line.diagnosis.length) parts.push(make("p", { class: "sentence quiet" }, ...sentence([{ text: line.note }])));
  if (!calm && line.repair && name === "wrong") {
    parts.push(make("div", { class: "repair" }, make("span", { class: "quiet" }, words.holds_as), make("div", { class: "formula" }, math(line.repair_mathml, line.repair)),
      make("button", { type: "button", onclick: () => take(line) }, words.take)));
  }
  if (!calm && line.counterexample) parts.push(make("details", {}, make("summary", { tabindex: "-1" }, words.numbers), make("p", { class: "quiet" }, line.counterexample)));
  const element = make("li", { class: `mark-line stop ${name}`, "data-number": line.number, tabindex: "-1" }, ...parts);
  element.addEventListener("click", (event) => { if (line.span && !event.target.closest("button, summary")) editor.go(line.span.start, line.span.end); });
  return element;
}

/** The repair replaces the line as if typed, so that Ctrl+Z takes it back. */
function take(line) {
  if (!line.span) return;
  editor.replace(line.span.start, line.span.end, line.repair);
  typing = null;
  settled.drop();
  soon.now();
}

function complain(message) {
  complaint.hidden = !message;
  complaint.textContent = message;
  const place = message ? placed(message, specArea.value) : null;
  specEditor.draw(place ? [{ ...place, name: "slip" }] : []);
}

function keep() { try { localStorage.setItem(shelf(), area.value); } catch { /* private windows keep nothing */ } }
function write(text) { area.value = text; before = text; editor.draw([]); typing = null; keep(); soon.now(); }

network.addEventListener("change", async () => {
  fold.open = own();
  if (own()) specArea.value = localStorage.getItem("chainrule:spec") || specArea.value;
  else { specArea.value = (await ask("parse", { spec: network.value, lang: data.lang })).toml; history.replaceState(null, "", `${data.root}/mark/${network.value}${location.search}`); }
  specEditor.draw([]);
  write(localStorage.getItem(shelf()) ?? "");
});
specArea.addEventListener("input", () => { network.value = ""; specEditor.draw([]); try { localStorage.setItem("chainrule:spec", specArea.value); } catch { /* as above */ } soon(); });
fold.addEventListener("toggle", () => specEditor.draw());

/** The shortest derivation of this network: that of its last weights; with a slip, a sign of its last line. */
async function example(slip) {
  const found = await ask("exercise", { spec: spec(), lang: data.lang, wrt: null, blanks: [] });
  const shortest = found.lines.filter((line) => line.chain === 1);
  const goal = (await ask("derive", { spec: spec(), lang: data.lang })).chains[0].goal.latex;
  const rows = shortest.map((line) => line.latex);
  if (slip) { const last = rows.at(-1); rows[rows.length - 1] = last.includes("-") ? last.replace(/-\s?/, "") : `-${last}`; }
  write(`\\begin{align*}\n${goal} &= ${rows.join(" \\\\\n&= ")}\n\\end{align*}\n`);
}
find("#example").addEventListener("click", () => example(false).catch((error) => { summary.textContent = error.message; }));
find("#example-wrong").addEventListener("click", () => example(true).catch((error) => { summary.textContent = error.message; }));
find("#file").addEventListener("change", async (event) => {
  const file = event.target.files[0];
  if (file) write(file.size > 60_000 ? "" : await file.text());
  event.target.value = "";
});
find("#print").addEventListener("click", () => print());
find("#share").addEventListener("click", async (event) => {
  const button = event.currentTarget;
  try {
    const url = new URL(location.href);
    url.hash = await packed({ spec: spec(), text: area.value });
    history.replaceState(null, "", url);
    await copy(url.href, button);
  } catch (error) { button.textContent = error.message; say(error.message); }
});

async function begin() {
  const state = await unpacked();
  network.value = data.name;
  if (state === undefined) summary.textContent = words.exercise_bad;
  if (state && typeof state.text === "string") {
    const known = [...network.options].some((one) => one.value && one.value === state.spec);
    network.value = known ? state.spec : "";
    if (!known) { specArea.value = state.spec; fold.open = true; specEditor.draw([]); }
    write(state.text);
    return;
  }
  const kept = localStorage.getItem(shelf());
  if (kept) write(kept);
}
begin();

// Exercises: a teacher clicks the lines that become blanks; a student fills them in.  The link has no answers in it.

import { all, ask, copy, data, find, latest, make, markup, math, rested, roving, say, sentence, words } from "./dom.js";
import { Editor, placed } from "./editor.js";
import { packed, unpacked } from "./share.js";

const sheet = find("#sheet"), formulas = find("#network-formulas"), complaint = find("#complaint");
const network = find("#network"), specArea = find("#spec"), specEditor = new Editor(find("#spec-fold"));
let state = null, blanks = new Set(), lines = [];

const own = () => network.value === "";
const spec = () => (own() ? specArea.value : network.value);

function shown(found, line) {
  formulas.replaceChildren(make("h2", {}, words.formulas), ...found.definitions.map((one) => make("div", { class: "formula" }, ...one.mathml.map((m) => make("div", {}, math(m))))));
  sheet.replaceChildren(...[...new Set(found.lines.map((one) => one.chain))].map((chain) => {
    const members = found.lines.filter((one) => one.chain === chain);
    return make("div", { class: "sheet-chain", "data-roving": true }, make("div", { class: "formula" }, math(members[0].goal)), ...members.map((one) => line(one, found)));
  }));
}

// --- the teacher ---------------------------------------------------------------------------------

const load = latest(async (signal) => {
  try {
    const found = await ask("exercise", { spec: spec(), lang: data.lang, wrt: find("#wrt").value || null, blanks: [] }, signal);
    lines = found.lines;
    complain("");
    const free = lines.filter((one) => !found.unread.includes(one.number)).map((one) => one.number);
    blanks = new Set([...blanks].filter((number) => free.includes(number)));
    if (!blanks.size) blanks = new Set(free.filter((_, k) => k % 2 === 1));
    shown(found, (one) => {
      const can = free.includes(one.number);
      const button = make("button", { type: "button", class: "toggle small", "aria-pressed": String(blanks.has(one.number)), disabled: !can, "aria-label": `${words.line} ${one.number}: ${words.blank}`, title: can ? words.blank : words.unread_line }, String(one.number));
      const row = make("div", { class: `sheet-line${blanks.has(one.number) ? " chosen" : ""}`, "data-number": one.number, "data-free": can || null }, button,
        make("div", { class: "formula" }, ...one.mathml.map((m) => math(m))), make("span", { class: "why" }, ...markup(one.because)));
      row.addEventListener("click", () => { if (can) { blanks.has(one.number) ? blanks.delete(one.number) : blanks.add(one.number); choose(); } });
      return row;
    });
  } catch (error) { if (error.name === "AbortError") throw error; complain(error.message); }
});

function choose() {
  for (const row of all(".sheet-line", sheet)) {
    const on = blanks.has(Number(row.dataset.number));
    row.classList.toggle("chosen", on);
    find("button", row).setAttribute("aria-pressed", String(on));
  }
}

function teacher() {
  find("#teacher").hidden = false;
  network.value = data.name;
  const weights = async () => {
    try {
      const found = await ask("parse", { spec: spec(), lang: data.lang });
      find("#wrt").replaceChildren(make("option", { value: "" }, words.all), ...found.parameters.filter((p) => !p.name.startsWith("b_")).map((p) => make("option", { value: p.name }, p.name)));
      if (!own()) { specArea.value = found.toml; specEditor.draw([]); }
      complain("");
    } catch (error) { complain(error.message); }
  };
  const soon = rested(async () => { await weights(); await load(); }, 500);
  network.addEventListener("change", () => { find("#spec-fold").open = own(); blanks.clear(); soon.now(); });
  specArea.addEventListener("input", () => { network.value = ""; specEditor.draw([]); soon(); });
  find("#wrt").addEventListener("change", () => { blanks.clear(); load(); });
  for (const button of all("[data-choose]")) button.addEventListener("click", () => {
    const free = all("[data-free]", sheet).map((row) => Number(row.dataset.number));
    const last = new Set(lines.filter((one, k) => lines[k + 1]?.chain !== one.chain).map((one) => one.number));
    blanks = new Set({ odd: free.filter((_, k) => k % 2), last: free.filter((n) => last.has(n)), all: free, none: [] }[button.dataset.choose]);
    choose();
  });
  const link = async () => {
    const url = new URL(location.href);
    url.pathname = `${data.root}/exercise`;
    url.hash = await packed({ spec: spec(), wrt: find("#wrt").value || null, blanks: [...blanks].sort((a, b) => a - b), hints: find("#hints").value, title: find("#title").value });
    return url.href;
  };
  find("#share").addEventListener("click", async (event) => {
    const button = event.currentTarget;
    try { await copy(await link(), button); } catch (error) { complain(error.message); }
  });
  find("#open").addEventListener("click", async () => { try { window.open(await link(), "_blank", "noopener"); } catch (error) { complain(error.message); } });
  weights().then(load);
}

// --- the student ---------------------------------------------------------------------------------

const NAMES = { right: "v_right", wrong: "v_wrong", "not read": "v_unread", "no step": "v_unchanged", empty: "v_empty" };
const verdicts = {};

function student() {
  find("#student").hidden = false;
  find("#heading").textContent = state.title || words.exercise;
  document.title = `${state.title || words.exercise} · chainrule`;
  const shelf = `chainrule:exercise:${location.hash}`;
  let kept = {};
  try { kept = JSON.parse(localStorage.getItem(shelf) ?? "{}"); } catch { kept = {}; }
  const question = () => ({ spec: state.spec, wrt: state.wrt ?? null, blanks: state.blanks, lang: data.lang });
  ask("exercise", question()).then((found) => {
    shown(found, (one) => (one.mathml ? make("div", { class: "sheet-line" }, make("span", { class: "number" }, `(${one.number})`), make("div", { class: "formula" }, ...one.mathml.map((m) => math(m))), make("span", { class: "why" }, ...markup(one.because))) : blank(one, found)));
    progress();
    for (const number of state.blanks) if (kept[number]) judge[number]?.();
  }).catch((error) => complain(error.message));

  const judge = {};
  function blank(one, found) {
    const goal = find("math", make("div", {}, math(found.lines.find((l) => l.chain === one.chain).goal)))?.textContent ?? "";
    const input = make("input", { type: "text", spellcheck: "false", autocomplete: "off", autocapitalize: "off", "aria-label": `${words.line} ${one.number}, ${goal} =` });
    const verdict = make("span", { class: "state", role: "status" }, words.v_empty), preview = make("div", { class: "preview formula" }), said = make("div", { class: "sentence" });
    input.value = kept[one.number] ?? "";
    const look = latest(async (signal) => {
      const text = input.value.trim();
      preview.replaceChildren(...(text ? [math((await ask("preview", { latex: [text] }, signal)).mathml[0], text)] : []));
    });
    const check = latest(async (signal) => {
      try {
        const answer = (await ask("exercise/check", { ...question(), answers: { [one.number]: input.value }, only: one.number, hints: state.hints ?? "sentence" }, signal)).lines[0];
        verdicts[one.number] = answer.verdict;
        verdict.className = `state ${answer.verdict.replace(" ", "-")}`;
        verdict.textContent = `${{ right: "✓ ", wrong: "✗ " }[answer.verdict] ?? ""}${words[NAMES[answer.verdict]]}${answer.verdict === "wrong" && answer.kind && !answer.sentence.length ? `: ${answer.kind.replaceAll("_", " ")}` : ""}`;
        said.replaceChildren(...sentence(answer.sentence));
        progress();
      } catch (error) { if (error.name === "AbortError") throw error; verdict.textContent = error.message; }
    });
    judge[one.number] = check;
    const soonLook = rested(look, 200), soonCheck = rested(check, 900);
    input.addEventListener("input", () => {
      kept[one.number] = input.value;
      try { localStorage.setItem(shelf, JSON.stringify(kept)); } catch { /* private windows keep nothing */ }
      delete verdicts[one.number]; verdict.className = "state"; verdict.textContent = words.v_typing; said.replaceChildren(); progress();
      soonLook(); soonCheck();
    });
    input.addEventListener("keydown", (event) => { if (event.key === "Enter") soonCheck.now(); });
    if (input.value) look();
    return make("div", { class: "sheet-line blank", "data-number": one.number }, make("span", { class: "number" }, `(${one.number})`),
      make("div", { class: "answer" }, make("span", { "aria-hidden": "true" }, "="), input, verdict, preview, said), make("span", { class: "why" }, ...markup(one.because)));
  }
  find("#hand-in").addEventListener("click", (event) => {
    const rows = state.blanks.map((n) => `(${n}) ${words[NAMES[verdicts[n] ?? "empty"]]}: ${kept[n] ?? ""}`);
    copy([state.title || words.exercise, find("#progress").textContent, ...rows].join("\n"), event.currentTarget);
  });
  find("#student #print").addEventListener("click", () => print());
}

function progress() {
  const done = state.blanks.filter((n) => verdicts[n] === "right").length;
  const text = words.progress.replace("{done}", done).replace("{all}", state.blanks.length);
  if (find("#progress").textContent !== text) find("#progress").textContent = text;
}

function complain(message) {
  complaint.hidden = !message;
  complaint.textContent = message;
  const place = message && own() ? placed(message, specArea.value) : null;
  specEditor.draw(place ? [{ ...place, name: "slip" }] : []);
}

const sound = (s) => s && (typeof s.spec === "string") && Array.isArray(s.blanks) && s.blanks.every((n) => Number.isInteger(n) && n > 0);
state = await unpacked();
if (state === null) teacher();
else if (!sound(state)) complain(words.exercise_bad);
else student();
window.addEventListener("hashchange", () => location.reload());

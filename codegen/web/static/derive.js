// The derive page: the bar and the spec decide what is asked; three parts of the page are what the server answers.

import { all, ask, askPart, copy, data, find, latest, make, Refused, rested, roving, save, say, words } from "./dom.js";
import { Editor, placed } from "./editor.js";
import { Links } from "./link.js";
import { packed, unpacked } from "./share.js";
import { training } from "./train.js";

const network = find("#network"), area = find("#spec"), fold = find("#spec-fold"), complaint = find("#spec-error");
const results = find("#results"), waiting = find("#waiting"), sizes = find("#sizes");
const editor = new Editor(fold);
const builtin = area.value;
let values = {};
const links = new Links(results, find("#pinned"), () => values);

const chosen = (id) => find(`#${id}`).value;
const own = () => network.value === "";
const spec = () => (own() ? area.value : network.value);
const question = () => ({ spec: spec(), lang: data.lang, notation: chosen("notation"), wrt: chosen("wrt") || null, form: chosen("form") || null, detail: chosen("detail") });

/** Everything that the page shows for one spec; an old result stays, greyed, until there is a new one. */
const derive = latest(async (signal) => {
  const late = setTimeout(() => { wait(words.deriving); }, 400);
  try {
    const body = await askPart("derive", question(), signal);
    for (const slot of ["left", "right"]) find(`#${slot}`).replaceChildren(...find(`[data-slot=${slot}]`, body).childNodes);
    const about = find("[data-slot=left]", body).dataset;
    results.classList.remove("old");
    find(".old-note")?.remove();
    complain("");
    offer(about.weights.split(" "));
    shown();
    after(about);
  } catch (error) {
    if (error instanceof Refused) old(error.message);
    throw error.name === "AbortError" ? error : new Quiet();
  } finally { clearTimeout(late); if (!signal.aborted) waiting.hidden = true; }
});
class Quiet extends Error { constructor() { super(); this.name = "AbortError"; } }

function wait(text) { find("span", waiting).textContent = text; waiting.hidden = false; say(text); }

/** The cards that follow by themselves: code, check, and the numbers under the pointer. */
function after(about) {
  const missing = about.missing ? about.missing.split(" ") : [];
  sizes.hidden = !missing.length;
  const fields = find(".fields", sizes);
  const names = all("input", fields).map((one) => one.name).join(" ");
  if (names !== missing.join(" ")) fields.replaceChildren(...missing.map((name) => make("label", {}, `${name} `, make("input", { name, type: "number", min: 1, max: 200, value: 3 }))));
  if (!about.code) {
    for (const id of ["code", "check"]) find(`#${id} .body`).replaceChildren(make("p", { class: "quiet" }, words.no_code));
    links.refresh();
    return;
  }
  card("code", { spec: spec(), lang: data.lang }).then(() => { links.refresh(); for (const one of all("#code .code .row")) one.removeAttribute("tabindex"); });
  if (missing.length) find("#check .body").replaceChildren();
  else { checkNow(); countNow(); }
}

const loads = {};
async function card(name, asked) {
  const body = find(`#${name} .body`);
  loads[name] ??= latest(async (signal, question) => {
    const late = setTimeout(() => body.classList.add("old"), 300);
    try { body.replaceChildren(...(await askPart(name, question, signal)).childNodes); }
    catch (error) {
      if (error.name === "AbortError") throw error;
      body.replaceChildren(make("p", { class: "complaint" }, error.message));
    } finally { clearTimeout(late); if (!signal.aborted) body.classList.remove("old"); }
  });
  await loads[name](asked);
}

const given = () => Object.fromEntries(all("input", sizes).filter(() => !sizes.hidden).map((one) => [one.name, Number(one.value)]));
const checkNow = () => card("check", { spec: spec(), lang: data.lang, sizes: given() });
const countNow = latest(async (signal) => {
  values = {};
  try { values = (await ask("numbers", { spec: spec(), lang: data.lang, sizes: given() }, signal)).values; }
  catch (error) { if (error.name === "AbortError") throw error; }
});
sizes.addEventListener("submit", (event) => { event.preventDefault(); checkNow(); countNow(); });

function offer(names) {
  const select = find("#wrt"), now = select.value;
  select.replaceChildren(make("option", { value: "" }, words.all), ...names.map((one) => make("option", { value: one }, one)));
  select.value = names.includes(now) ? now : "";
}

/** A spec that is none: the result of the one before stays, greyed. */
function old(message) {
  complain(message);
  if (find("#left").childElementCount && !find(".old-note")) results.before(make("p", { class: "old-note" }, words.before));
  results.classList.add("old");
  links.light(null);
}

function complain(message) {
  complaint.hidden = !message;
  complaint.textContent = message;
  area.setAttribute("aria-invalid", message ? "true" : "false");
  const place = message && own() ? placed(message, area.value) : null;
  editor.draw(place ? [{ ...place, name: "slip" }] : []);
  if (message && !own()) { fold.open = true; }
}

function shown() {
  for (const one of all("[data-roving]")) roving(one);
  links.refresh();
}

results.addEventListener("click", (event) => {
  const button = event.target.closest("button");
  if (button?.dataset.copy) copy(button.dataset.copy, button);
  if (button?.dataset.show) {
    for (const one of all(".tabs button")) one.setAttribute("aria-pressed", String(one === button));
    for (const one of all(".picture")) one.hidden = !one.classList.contains(button.dataset.show);
  }
});

// --- what is asked changes ---------------------------------------------------------------------

const soon = rested(() => derive(), 450);
area.addEventListener("input", () => {
  if (!own()) { network.value = ""; find("#wrt").value = ""; }
  editor.draw([]);
  keep();
  soon();
});
network.addEventListener("change", async () => {
  find("#wrt").value = ""; find("#form").value = "";
  if (own()) { area.value = localStorage.getItem("chainrule:spec") || area.value; fold.open = true; editor.draw([]); area.focus(); }
  else { area.value = (await ask("parse", { spec: network.value, lang: data.lang })).toml; editor.draw([]); }
  address();
  soon.now();
});
for (const id of ["wrt", "form", "detail", "notation"]) find(`#${id}`).addEventListener("change", () => { address(); soon.now(); });
find("#cancel").addEventListener("click", () => { derive.stop(); waiting.hidden = true; old(words.stopped); });
fold.addEventListener("toggle", () => editor.draw());

function keep() { try { localStorage.setItem("chainrule:spec", area.value); } catch { /* private windows keep nothing */ } }

/** The address holds the state; an own spec is packed into its fragment when the link is asked for. */
function address() {
  if (own()) return;
  const url = new URL(location.href);
  url.pathname = `${data.root}/derive/${network.value}`;
  url.searchParams.set("notation", chosen("notation"));
  url.hash = "";
  history.replaceState(null, "", url);
}

async function link() {
  const state = { spec: spec() };
  for (const id of ["wrt", "form", "detail", "notation"]) if (chosen(id) && chosen(id) !== "line") state[id] = chosen(id);
  const url = new URL(location.href);
  if (own()) url.pathname = `${data.root}/derive`;
  url.hash = await packed(state);
  history.replaceState(null, "", url);
  return url.href;
}
find("#share").addEventListener("click", async (event) => {
  const button = event.currentTarget;
  try { await copy(await link(), button); } catch (error) { button.textContent = error.message; say(error.message); }
});
find("#print").addEventListener("click", () => print());
find("#copy-code").addEventListener("click", (event) => copy(find("#code .file code")?.textContent ?? "", event.currentTarget));
find("#download").addEventListener("change", async (event) => {
  const format = event.target.value;
  event.target.value = "";
  if (!format) return;
  const late = setTimeout(() => wait(words.working), 400);
  try {
    const found = await ask("download", { ...question(), format });
    save(found.name, found.text);
  } catch (error) { if (error instanceof Refused) { fold.open = true; complain(error.message); } }
  finally { clearTimeout(late); waiting.hidden = true; }
});
document.querySelector(".tongues").addEventListener("click", async (event) => {
  const to = event.target.closest("a");
  if (to && own()) { event.preventDefault(); const url = new URL(await link()); url.searchParams.set("lang", to.dataset.lang); location.href = url; location.reload(); }
});

async function begin() {
  const state = await unpacked();
  if (state === undefined) complain(words.exercise_bad);
  if (state && typeof state.spec === "string") {
    const known = [...network.options].some((one) => one.value && one.value === state.spec);
    network.value = known ? state.spec : "";
    if (!known) { area.value = state.spec; fold.open = true; editor.draw([]); }
    for (const id of ["form", "detail", "notation"]) if (state[id]) find(`#${id}`).value = state[id];
    if (state.wrt) find("#wrt").replaceChildren(make("option", { value: "" }, words.all), make("option", { value: state.wrt, selected: true }, state.wrt));
    await derive();
    return;
  }
  if (area.value !== builtin) area.value = builtin;
  network.value = data.name;
  editor.draw([]);
  if (!find("#left").childElementCount) { await derive(); return; }
  shown();
  if (!find("#code .body").childElementCount) await card("code", { spec: spec(), lang: data.lang });
  if (!find("#check .body").childElementCount) checkNow();
  links.refresh();
  countNow();
}

training(find("#training"), spec, given);
begin();
window.addEventListener("hashchange", () => location.reload());

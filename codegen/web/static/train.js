// A small run: the loss curve, with the epoch and Q under the pointer, and p over the plane.

import { ask, data, find, latest, make, Refused, words } from "./dom.js";

const SVG = "http://www.w3.org/2000/svg";
const WIDE = 380, HIGH = 210, LEFT = 52, LOW = 180;

function draw(tag, attributes, text) {
  const element = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  if (text !== undefined) element.textContent = text;
  return element;
}

export function training(root, spec, sizes) {
  const form = find("#train", root), body = find(".body", root);
  form.elements.data.addEventListener("change", () => { find(".own", form).hidden = form.elements.data.value !== "own"; });
  const run = latest(async (signal) => {
    body.replaceChildren(make("p", { class: "quiet" }, words.working));
    try {
      const rows = form.elements.rows.value.trim().split("\n").filter(Boolean).map((row) => row.split(/[,;\s]+/).filter(Boolean).map(Number));
      if (rows.flat().some(Number.isNaN)) throw new Refused("request", words.rows);
      const own = form.elements.data.value === "own";
      const found = await ask("train", { spec: spec(), sizes: sizes(), lang: data.lang, data: form.elements.data.value, rows: own ? rows : [], optimizer: form.elements.optimizer.value, epochs: Number(form.elements.epochs.value) }, signal);
      body.replaceChildren(make("div", { class: "run" }, curve(found), ...(found.field ? [plane(found)] : [])));
    } catch (error) {
      if (error.name === "AbortError") throw error;
      body.replaceChildren(make("p", { class: "complaint" }, error.message));
    }
  });
  form.addEventListener("submit", (event) => { event.preventDefault(); run(); });
}

const short = (value) => Number(value.toPrecision(4)).toString().replace("-", "−");

function curve({ loss, accuracy }) {
  const low = Math.min(0, ...loss), high = Math.max(...loss, low + 1e-9);
  const at = (k) => [LEFT + (k / Math.max(1, loss.length - 1)) * (WIDE - LEFT - 8), LOW - ((loss[k] - low) / (high - low)) * (LOW - 14)];
  const svg = draw("svg", { class: "plot", viewBox: `0 0 ${WIDE} ${HIGH}`, width: WIDE, role: "img", "aria-label": `${words.loss_curve}: ${short(loss[0])} → ${short(loss.at(-1))}` });
  svg.append(draw("path", { class: "axis", d: `M${LEFT} 10V${LOW}H${WIDE - 6}` }), draw("text", { x: LEFT - 6, y: 18, "text-anchor": "end" }, short(high)), draw("text", { x: LEFT - 6, y: LOW, "text-anchor": "end" }, short(low)),
    draw("text", { x: WIDE - 8, y: HIGH - 12, "text-anchor": "end" }, `${words.epoch} ${loss.length}`),
    draw("polyline", { class: "loss", points: loss.map((_, k) => at(k).map((c) => c.toFixed(1)).join(",")).join(" ") }));
  const dot = draw("circle", { class: "dot", r: 4, visibility: "hidden" });
  svg.append(dot);
  const caption = make("figcaption", {});
  const ended = `Q: ${short(loss[0])} → ${short(loss.at(-1))}` + (accuracy === null ? "" : `; ${(100 * accuracy).toFixed(0)} % ${words.accuracy}`);
  caption.textContent = ended;
  svg.addEventListener("pointermove", (event) => {
    const box = svg.getBoundingClientRect();
    const k = Math.round(Math.min(1, Math.max(0, ((event.clientX - box.left) * WIDE / box.width - LEFT) / (WIDE - LEFT - 8))) * (loss.length - 1));
    const [x, y] = at(k);
    dot.setAttribute("cx", x); dot.setAttribute("cy", y); dot.setAttribute("visibility", "visible");
    caption.textContent = `${words.epoch} ${k + 1}: Q = ${short(loss[k])}`;
  });
  svg.addEventListener("pointerleave", () => { dot.setAttribute("visibility", "hidden"); caption.textContent = ended; });
  return make("figure", { class: "curve-card" }, svg, caption);
}

function plane({ field, bounds, sample }) {
  const cells = field.length, size = 380;
  const canvas = make("canvas", { width: size, height: size, role: "img", "aria-label": words.field });
  const pen = canvas.getContext("2d"), low = Math.min(...field.flat()), high = Math.max(...field.flat());
  const dark = matchMedia("(prefers-color-scheme: dark)").matches;
  const ends = dark ? [[70, 110, 165], [20, 23, 27], [165, 90, 75]] : [[150, 185, 220], [253, 253, 251], [235, 165, 150]];
  field.forEach((row, y) => row.forEach((value, x) => {
    const t = high > low ? (value - low) / (high - low) : 0.5;
    const [a, b, part] = t < 0.5 ? [ends[0], ends[1], 2 * t] : [ends[1], ends[2], 2 * t - 1];
    pen.fillStyle = `rgb(${a.map((c, k) => Math.round(c + (b[k] - c) * part)).join(" ")})`;
    pen.fillRect(x * size / cells, size - (y + 1) * size / cells, size / cells + 1, size / cells + 1);
  }));
  for (const [x, y, label] of sample) {
    const cx = (x - bounds[0]) / (bounds[1] - bounds[0]) * size, cy = size - (y - bounds[2]) / (bounds[3] - bounds[2]) * size;
    pen.beginPath();
    if (label > 0.5) pen.arc(cx, cy, 5, 0, 7); else pen.rect(cx - 4.5, cy - 4.5, 9, 9);
    pen.fillStyle = label > 0.5 ? "#a8322a" : "#1f4e79"; pen.fill();
    pen.strokeStyle = "#fff"; pen.lineWidth = 1.4; pen.stroke();
  }
  return make("figure", {}, canvas, make("figcaption", {}, words.field));
}

// The API page: each form sends what stands in it and shows what came back.

import { all, data, find } from "./dom.js";

for (const section of all(".endpoint")) {
  const out = find(".answer", section);
  find("form", section).addEventListener("submit", async (event) => {
    event.preventDefault();
    const post = section.dataset.method === "POST";
    const given = post ? { method: "POST", headers: { "Content-Type": "application/json" }, body: find("textarea", section).value } : {};
    out.hidden = false;
    out.textContent = "…";
    try {
      const response = await fetch(`${data.root}/api/v1/${section.dataset.name}`, given);
      const text = await response.text();
      out.textContent = `${response.status}\n${JSON.stringify(JSON.parse(text), null, 2).slice(0, 20_000)}`;
    } catch (error) { out.textContent = String(error.message); }
  });
}

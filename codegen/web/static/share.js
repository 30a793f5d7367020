// The state of a page in the fragment of its address: base64url of zlib of JSON.  No server sees it.

import { words } from "./dom.js";

export const LONGEST = 6000;

async function through(bytes, stream) {
  return new Uint8Array(await new Response(new Blob([bytes]).stream().pipeThrough(stream)).arrayBuffer());
}

export async function packed(state) {
  const bytes = await through(new TextEncoder().encode(JSON.stringify(state)), new CompressionStream("deflate"));
  const text = btoa(String.fromCharCode(...bytes)).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
  if (text.length > LONGEST) throw new Error(words.too_long);
  return `s=${text}`;
}

/** The state in the address, null where there is none, undefined where it is cut or changed. */
export async function unpacked(hash = location.hash) {
  if (!hash.startsWith("#s=")) return null;
  try {
    const text = atob(hash.slice(3).replace(/-/g, "+").replace(/_/g, "/"));
    const bytes = await through(Uint8Array.from(text, (c) => c.charCodeAt(0)), new DecompressionStream("deflate"));
    if (bytes.length > 200_000) return undefined;
    return JSON.parse(new TextDecoder().decode(bytes));
  } catch { return undefined; }
}

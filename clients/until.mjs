// Waiting for what should happen.

/** How long anything may take, in milliseconds. Only a broken build takes that long. */
export const PATIENCE_MS = 60_000;

/** Asks again and again until the answer is neither `undefined`, `null` nor `false`; the answer. */
export async function until(what, look, patience_ms = PATIENCE_MS) {
  const end = performance.now() + patience_ms;
  for (;;) {
    const found = await look();
    if (found !== undefined && found !== null && found !== false) return found;
    if (performance.now() > end) throw new Error(`it never came to this: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

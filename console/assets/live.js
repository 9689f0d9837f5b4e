// Live: when something happened, the page is fetched again and its parts are replaced by id. The page is complete
// without this; it only shortens the wait.
//
// A part is an element with an id and data-live="names of events"; data-of="id" narrows events about a badge to that one.
// While something is written (data-drafting), parts that show or hold it stay: data-preview-part, data-clean.

const STALE_MS = 25_000;   // the server beats every 10 s
const PACE_MS = 250;       // at most four replacements a second
const RETRY_MS = 2_000;

const badge = document.getElementById("live");
const others = "BroadcastChannel" in window ? new BroadcastChannel("live") : undefined;
let stream, release, waiting, ended = false;
let up = false, heard = 0, told = Date.now(), wanted = false, busy = false;

/** The person's own time in place of UTC, where the server could not know it. */
export function localize(root = document) {
  const offset = -new Date().getTimezoneOffset();
  document.cookie = `offset=${offset}; path=/; max-age=31536000; samesite=lax`;
  for (const time of root.querySelectorAll("time[data-utc]")) {
    const at = new Date(Date.parse(time.dateTime) + offset * 60_000).toISOString();
    const today = new Date(Date.now() + offset * 60_000).toISOString().slice(0, 10);
    const seconds = /:\d\d:\d\d/.test(time.textContent) ? 19 : 16;
    time.textContent = (at.startsWith(today) ? "" : at.slice(0, 10) + " ") + at.slice(11, seconds);
    time.removeAttribute("data-utc");
  }
}

/** What is read aloud changes at most once in data-pace milliseconds; then it is looked at again. */
const spoken = new Map();
let due;
function tooSoon({ id, dataset: { pace } }) {
  if (!pace) return false;
  const wait = pace - (Date.now() - (spoken.get(id) ?? 0));
  if (wait <= 0) return !spoken.set(id, Date.now());
  due ??= setTimeout(() => { due = undefined; refresh(); }, wait);
  return true;
}

/** Takes the parts of a page that was fetched, if they differ. What has the focus, or holds it, waits. */
export function swap(page, parts = document.querySelectorAll("[data-live], [data-part]")) {
  for (const old of parts) {
    const fresh = page.getElementById(old.id);
    if (!fresh || old.isEqualNode(fresh)) continue;
    if (tooSoon(old)) continue;
    const active = document.activeElement;
    if (old.contains(active) && active !== document.body && !old.hasAttribute("data-part")) { wanted = true; continue; }
    const focus = old.contains(active) ? active.id : null;
    old.replaceWith(document.adoptNode(fresh));
    localize(fresh);
    if (focus) {
      // The same thing, or what stands in its place.
      const inPlace = [document.getElementById(focus), ...fresh.querySelectorAll("button, a[href], input")];
      (inPlace.find((element) => element?.checkVisibility()) ?? document.getElementById("main")).focus();
    }
  }
  document.title = page.title;
  document.dispatchEvent(new Event("swapped"));
}

/** Fetches a page of ours as a document; null when it is another page: signed out, say. */
export async function fetchPage(url, options = {}) {
  const answer = await fetch(url, { ...options, headers: { accept: "text/html", ...options.headers } });
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  return { page, answer };
}

async function refresh() {
  if (busy) { wanted = true; return; }
  busy = true; wanted = false;
  try {
    // Nobody may be there: this is no use of the session.
    const { page, answer } = await fetchPage(location.href, { headers: { "x-unattended": "1" } });
    if (answer.redirected && new URL(answer.url).pathname === "/sign-in") return over();
    const drafting = document.querySelector("[data-drafting]") ? ":not([data-preview-part], [data-clean])" : "";
    if (answer.ok) swap(page, document.querySelectorAll("[data-live]" + drafting));
  } catch { /* the stream says when the server is back */ }
  finally { setTimeout(() => { busy = false; if (wanted) refresh(); }, PACE_MS); }
}

function matches(part, name, data) {
  const names = part.dataset.live.split(" ");
  const elsewhere = part.dataset.of && data.includes("badge_id") && !data.includes(part.dataset.of);
  return (names.includes(name) || name === "reset") && !elsewhere;
}

function hear({ type, data = "" }) {
  heard = Date.now();
  up = type !== "down";
  say();
  if ([...document.querySelectorAll("[data-live]")].some(part => matches(part, type, data))) refresh();
}

/** What the one stream says goes to this page and to the others. */
function tell({ type, data }) {
  hear({ type, data });
  others?.postMessage({ type, data });
}

/** The word Live, or since when not. */
function say() {
  if (!badge || ended) return;
  const stale = !up || Date.now() - heard > STALE_MS;
  badge.hidden = false;
  const word = badge.firstElementChild;
  word.dataset.word ??= word.textContent;
  if (!stale) told = Date.now();
  // A short break is no news.
  const since = stale && Date.now() - told > 4_000;
  if (since !== badge.classList.contains("stale")) badge.role = since ? "status" : null;
  badge.classList.toggle("stale", since);
  document.body.classList.toggle("stale-page", since);
  const text = since ? badge.dataset.since.replace("{time}", new Date(told).toTimeString().slice(0, 5)) : word.dataset.word;
  if (word.textContent !== text) word.textContent = text;
}

function over() {
  close();
  ended = true;
  if (!badge) return;
  badge.hidden = false;
  badge.classList.add("stale");
  const link = document.createElement("a");
  link.href = "/sign-in?next=" + encodeURIComponent(location.pathname + location.search);
  link.textContent = badge.dataset.over;
  badge.replaceChildren(link);
  document.body.classList.add("stale-page");
}

function listen() {
  stream = new EventSource("/api/v1/events");
  stream.onopen = () => tell({ type: "reset" });
  stream.onerror = () => {
    tell({ type: "down" });
    if (stream?.readyState !== EventSource.CLOSED) return;
    // Refused: signed out, or the server is not ready. The page itself knows which.
    stream = undefined;
    refresh();
    setTimeout(() => { if (release && !stream) listen(); }, RETRY_MS);
  };
  for (const name of ["beat", "reset", "announcement", "display", "badge", "gateway", "user", "presence", "receipt", "security"])
    stream.addEventListener(name, tell);
}

// On HTTP/1.1 a browser opens six connections to a host: of all open pages one holds the stream and tells the others,
// and none that nobody looks at.
function open() {
  if (document.hidden || waiting || ended) return;
  waiting = new AbortController();
  refresh();
  others?.postMessage({ type: "ask" });
  const hold = () => new Promise(done => { release = done; listen(); });
  if (navigator.locks) navigator.locks.request("live", { signal: waiting.signal }, hold).catch(() => {});
  else hold();
}

function close() {
  stream?.close();
  waiting?.abort();
  release?.();
  stream = waiting = release = undefined;
}

localize();
if (document.querySelector("[data-live]")) {
  if (others) others.onmessage = ({ data: event }) => {
    if (event.type !== "ask") hear(event);
    else if (stream) others.postMessage({ type: stream.readyState === EventSource.OPEN ? "beat" : "down" });
  };
  document.addEventListener("visibilitychange", () => document.hidden ? close() : open());
  addEventListener("pagehide", close);
  addEventListener("pageshow", event => { if (event.persisted) open(); });
  document.addEventListener("focusout", () => { if (wanted && !busy) refresh(); });
  setInterval(say, 1_000);
  open();
}

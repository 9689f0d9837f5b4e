// Forms: pressed twice sends once, what was typed survives, a sent form brings back only the parts that changed.
//
// data-send: sent by script, the answer's parts are put in place. data-draft: text is kept for this tab until it is sent.
// data-forget on a link drops the drafts of its page. data-address on a box: it is part of the page's address, not of
// the draft, so that what is fetched again has it too. data-copy="id": copies the text of that element. <dialog id> with data-opens="id" on a button: asks first.

import { fetchPage, swap } from "./live.js";

const key = form => "draft " + location.pathname + " " + (form.id || form.action);

function keep(form) {
  const stays = field => field?.type === "password" || field?.dataset?.address !== undefined;
  const fields = [...new FormData(form)].filter(([name, value]) =>
    typeof value === "string" && !["form", "key", "revision"].includes(name) && !stays(form.elements[name]));
  sessionStorage.setItem(key(form), JSON.stringify(fields));
}

function restore(form) {
  const kept = sessionStorage.getItem(key(form));
  if (!kept) return;
  const values = new Map();
  for (const [name, value] of JSON.parse(kept)) values.set(name, [...(values.get(name) ?? []), value]);
  for (const field of form.elements) {
    const wanted = values.get(field.name);
    if (!field.name || ["hidden", "submit"].includes(field.type) || field.dataset.address !== undefined) continue;
    if (field.type === "checkbox" || field.type === "radio") field.checked = wanted?.includes(field.value) ?? false;
    else if (wanted) field.value = wanted[0];
  }
  form.dispatchEvent(new Event("input", { bubbles: true }));
}

const forget = form => sessionStorage.removeItem(key(form));

async function send(form, button) {
  const body = new URLSearchParams(new FormData(form, button));
  const word = button?.innerHTML;
  try {
    const { page, answer } = await fetchPage(form.action, { method: "POST", body });
    const there = new URL(answer.url);
    if (answer.ok) forget(form);
    if (there.pathname !== location.pathname) return location.assign(answer.url);
    swap(page);
    if (answer.ok) history.replaceState(null, "", there);
  } catch {
    // No network: the text stays, and the same key goes out again.
    if (button) { button.dataset.word ??= word; button.textContent = form.dataset.again; }
    return;
  } finally {
    form.removeAttribute("data-busy");
    button?.removeAttribute("aria-disabled");
  }
  if (button?.dataset.word && button.isConnected) button.innerHTML = button.dataset.word;
}

document.addEventListener("submit", event => {
  const { target: form, submitter: button } = event;
  if (form.method === "dialog") return;
  if (form.hasAttribute("data-busy")) return event.preventDefault();
  form.setAttribute("data-busy", "");
  button?.setAttribute("aria-disabled", "true");
  if (!form.hasAttribute("data-send")) return form.hasAttribute("data-draft") && forget(form);
  event.preventDefault();
  send(form, button);
});
// A page that comes back from the browser's memory may be sent again.
addEventListener("pageshow", () => {
  for (const form of document.querySelectorAll("[data-busy]")) {
    form.removeAttribute("data-busy");
    for (const button of form.elements) button.removeAttribute("aria-disabled");
  }
});

document.addEventListener("input", event => {
  const form = event.target.form;
  if (event.target.dataset?.address !== undefined) return readdress(event.target);
  if (form?.hasAttribute("data-draft")) keep(form);
});

function readdress({ name, value, checked }) {
  const address = new URL(location);
  address.searchParams.set(name, checked ? value : "no");
  history.replaceState(null, "", address);
}

// data-letters="BC": no other letter can be right, so the field says so at once; its title is what it says.
document.addEventListener("input", ({ target: field }) => {
  if (!field.dataset?.letters) return;
  const strange = [...field.value.toUpperCase()].some(c => !" -".includes(c) && !field.dataset.letters.includes(c));
  field.setCustomValidity(strange ? field.title : "");
  if (strange) field.reportValidity();
});

document.addEventListener("keydown", event => {
  const field = event.target.closest?.("input, textarea, select, [contenteditable]");
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey) && event.target.form) {
    event.preventDefault();
    const main = [...event.target.form.elements].find(element => element.matches("[data-main]"));
    return main ? main.click() : event.target.form.requestSubmit();
  }
  if (field || event.ctrlKey || event.metaKey || event.altKey || document.documentElement.dataset.keys === "off") return;
  // Single keys, off by a switch: what they press is marked data-key.
  const pressed = document.querySelector(`[data-key="${CSS.escape(event.key)}"]`);
  if (pressed) { event.preventDefault(); pressed.matches("input") ? pressed.focus() : pressed.click(); }
});

document.addEventListener("click", event => {
  if (event.target.closest("[data-forget]")) document.querySelectorAll("form[data-draft]").forEach(forget);
  const copies = event.target.closest("[data-copy]");
  if (copies) navigator.clipboard?.writeText(document.getElementById(copies.dataset.copy).innerText)
    .then(() => { copies.textContent = copies.dataset.copied; });
  const opens = event.target.closest("[data-opens]");
  const dialog = opens && document.getElementById(opens.dataset.opens);
  if (dialog?.showModal && opens.form?.reportValidity() !== false) { event.preventDefault(); dialog.showModal(); }
  event.target.closest("[data-closes]")?.closest("dialog")?.close();
  // The account menu closes when something else is pressed.
  for (const menu of document.querySelectorAll("details.account[open]"))
    if (!menu.contains(event.target)) menu.open = false;
});
document.addEventListener("keyup", event => {
  if (event.key !== "Escape") return;
  for (const menu of document.querySelectorAll("details.account[open]")) { menu.open = false; menu.querySelector("summary").focus(); }
});

// Once every module listens: what was kept is to be seen, too.
addEventListener("DOMContentLoaded", () => document.querySelectorAll("form[data-draft]").forEach(restore));

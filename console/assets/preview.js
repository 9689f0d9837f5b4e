// Preview: while somebody writes, the parts that show how it will look follow at 150 ms. The last answer wins.
//
// A form with data-preview="address": its fields are sent there, the parts of the answer are put in place; of a form
// within data-preview-alone only the parts in there.
// data-remove="text" takes that text out of the field it is for; data-fill="text" puts it in.

import { fetchPage, swap } from "./live.js";

const PAUSE_MS = 150;
let waiting, latest = 0;

async function preview(form) {
  const number = ++latest;
  try {
    const body = new URLSearchParams(new FormData(form));
    const { page, answer } = await fetchPage(form.dataset.preview, { method: "POST", body });
    const title = document.title;
    const within = form.closest("[data-preview-alone]") ?? document;
    if (number === latest && answer.ok) swap(page, within.querySelectorAll("[data-preview-part]"));
    document.title = title;
  } catch { /* without network the old picture stays, and says what it is */ }
}

function changed(form) {
  clearTimeout(waiting);
  waiting = setTimeout(preview, PAUSE_MS, form);
}

document.addEventListener("input", event => {
  // Of a form itself, .form is its field of that name.
  const form = event.target.matches("form") ? event.target : event.target.form;
  if (form?.dataset.preview) changed(form);
});

document.addEventListener("click", event => {
  const button = event.target.closest("[data-remove], [data-fill]");
  if (!button) return;
  const field = document.getElementById(button.dataset.for);
  event.preventDefault();
  field.value = button.dataset.fill ?? [...button.dataset.remove].reduce((text, c) => text.replaceAll(c, ""), field.value).trim();
  field.focus();
  field.dispatchEvent(new Event("input", { bubbles: true }));
});

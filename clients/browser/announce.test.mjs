// A manager announces to 200 badges, of which 12 are off and one refuses: what the page says is what the API says, at
// every moment; at the deadline 13 are named; and it is taken back. By mouse, by keyboard alone, and without script.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { isAccessible, launch } from "../browser.mjs";
import { World, until } from "../world.mjs";
import { DESK, opens, plain, signedIn } from "./person.mjs";
import { range } from "./pixels.mjs";

const ALL = 200, OFF = 12, REFUSING = 1;
const STATES = ["shown", "held", "sent", "pending", "refused", "written", "expired", "superseded"];

let world, chromium, manager, badges;
before(async () => {
  world = await World.open();
  chromium = await launch();
  manager = await world.as("manager");
  const off = await world.fleet(OFF);
  await off.program.stop("SIGINT");
  const on = await world.fleet(ALL - OFF, ["--fault", `refusing=${REFUSING / (ALL - OFF)}`]);
  badges = on.badges;
  await world.give(badges.at(-1).id, "manager");
  (await manager.put(`/api/v1/badges/${badges.at(-1).id}/display`, { text: "Mara" })).is(200);
  await until("the others are off", async () => (await world.badges()).filter((badge) => badge.online).length === ALL - OFF);
});
after(async () => {
  await chromium?.close();
  await world?.close();
});

const open = async (role, path, options) => {
  const page = await signedIn(chromium, world, role, { size: DESK, ...options });
  await page.goto(path);
  return page;
};
const announcements = async () => (await manager.get("/api/v1/announcements?limit=200")).is(200).body.items;
const idOf = (page) => new URL(page.url()).pathname.split("/").at(-1);
const read = async (id) => (await manager.get(`/api/v1/announcements/${id}`)).is(200).body;
const showing = async (badge) => (await manager.get(`/api/v1/badges/${badge}/showing`)).is(200).body.text;
const sends = (page, text, deadline = "3600") =>
  page.fill("#text", text).then(() => page.selectOption("#deadline", deadline));
const watching = (page) => page.waitForURL(/\/announcements\/[0-9a-f-]{36}$/);

/** These words, also where marks keep a number apart from its sentence. */
const words = (text) => new RegExp(text.replace(/[?.]/g, "\\$&").split(" ").join("[\\u2066-\\u2069]* [\\u2066-\\u2069]*"));

/** The numbers of the page, by state; what is not told is nobody. */
async function told(page) {
  const numbers = await page.locator("[data-state]").evaluateAll((all) =>
    all.map((one) => [one.dataset.state, Number(one.textContent)]));
  return Object.fromEntries(STATES.map((state) => [state, Object.fromEntries(numbers)[state] ?? 0]));
}
const counted = ({ receipts }) => Object.fromEntries(STATES.map((state) => [state, receipts[state]]));

/** What the page says when it is loaded is what the API says before and after, at a moment without a change between. */
async function agree(page, id) {
  return until("page and API say the same", async () => {
    const earlier = counted(await read(id));
    await page.reload();
    const said = await told(page);
    const later = counted(await read(id));
    if (JSON.stringify(earlier) !== JSON.stringify(later)) return false;
    assert.deepEqual(said, later);
    return said;
  });
}

/** Withdraws what is left over from a test. */
async function clear() {
  for (const { id, state } of await announcements()) {
    if (state === "active" || state === "scheduled") (await manager.delete(`/api/v1/announcements/${id}`)).is(204);
  }
}

test("200 badges, 12 off, 1 refusing: the page says what the API says, names 13 at the deadline, and takes it back", async () => {
  const mine = badges.at(-1).id;
  const page = await open("manager", "/announcements/new");
  await sends(page, "Fire drill 11:00 → gate B", "30");
  await page.locator(".level", { hasText: "Urgent" }).click();
  await page.locator("#sentence", { hasText: words(`Urgent, to all ${ALL} badges`) }).waitFor();
  assert.match(plain(await page.locator("#reach").innerText()), new RegExp(`${ALL - OFF} are connected now. ${OFF} are not`));
  await page.getByRole("button", { name: words(`Send to ${ALL} badges`) }).click();
  await watching(page);
  const id = idOf(page);
  await agree(page, id);
  await until("those that can show it do, without a reload", async () => (await told(page)).shown === ALL - OFF - REFUSING);
  const settled = await agree(page, id);
  assert.deepEqual([settled.pending, settled.refused], [OFF, REFUSING]);
  await page.getByRole("heading", { name: words(`Not showing it yet ${OFF + REFUSING}`) }).waitFor();
  assert.match(await showing(mine), /Fire drill.*Mara/);
  await isAccessible(page);

  await page.waitForFunction((named) => document.title.replaceAll(/[\u2066-\u2069]/g, "").includes(`, ${named} named`), OFF + REFUSING);
  assert.match(plain(await page.locator(".record").innerText()), new RegExp(`^${ALL - OFF - REFUSING} of ${ALL}, ${OFF + REFUSING} named$`));
  const { receipts } = await read(id);
  const named = await page.locator("#laggard-list li").evaluateAll((all) => all.map((one) =>
    ({ code: one.querySelector("code").textContent, reason: one.querySelector("p").textContent.trim() })));
  assert.deepEqual(named.map(({ code }) => code).sort(), receipts.laggards.map(({ code }) => code).sort());
  assert.equal(named.length, OFF + REFUSING);
  assert.equal(named.filter(({ reason }) => /^(Off since|It was never)/.test(plain(reason))).length, OFF);
  assert.equal(named.filter(({ reason }) => /^It refused: ./.test(plain(reason))).length, REFUSING);
  const letter = new URL(await page.locator("#mail").getAttribute("href")).searchParams;
  assert.match(letter.get("subject"), /^Fire drill 11:00 → gate B: 187 of 200, 13 named$/);
  assert.deepEqual([...letter.get("body").matchAll(/\((B-[0-9A-Z]{4})\): /g)].map(([, code]) => code).sort(),
    named.map(({ code }) => code).sort(), "the letter names them too");
  await agree(page, id);
  await isAccessible(page);

  await page.getByRole("button", { name: "Withdraw" }).click();
  await page.locator("#facts", { hasText: "withdrawn" }).waitFor();
  assert.equal((await read(id)).state, "withdrawn");
  await until("the owner's line is back", async () => (await showing(mine)) === "Mara");
  await agree(page, id);
  assert.equal(await page.getByRole("button", { name: "Withdraw" }).count(), 0);
  await page.context().close();
});

test("pressed twice, announced once", async () => {
  const before = (await announcements()).length;
  const page = await open("manager", "/announcements/new");
  await sends(page, "Twice");
  await page.locator("#send-all").dblclick();
  await watching(page);
  // Also by somebody in a hurry whose browser sends the same form twice.
  const again = await open("manager", "/announcements/new", { script: false });
  await again.fill("#text", "Twice more");
  const fields = await again.locator("#announce").evaluate((form) => new URLSearchParams(new FormData(form)).toString());
  const post = () => again.request.post("/announcements/new", {
    data: fields, maxRedirects: 0,
    headers: { "content-type": "application/x-www-form-urlencoded", "sec-fetch-site": "same-origin", accept: "text/html" },
  });
  const [one, other] = await Promise.all([post(), post()]);
  assert.deepEqual([one.status(), other.status()], [303, 303]);
  assert.equal(one.headers().location, other.headers().location);
  assert.equal((await announcements()).length, before + 2);
  await page.context().close();
  await again.context().close();
  await clear();
});

test("an emergency asks once more, with the answer that does nothing at hand", async () => {
  const before = (await announcements()).length;
  const page = await open("manager", "/announcements/new");
  await sends(page, "Leave the building");
  await page.locator(".level", { hasText: "Emergency" }).click();
  await page.locator("#send-all[data-opens]").click();
  const dialog = page.getByRole("dialog", { name: words(`Take over ${ALL} panels?`) });
  await dialog.waitFor();
  assert.equal(await page.evaluate(() => document.activeElement.id), "cancel");
  await isAccessible(page);
  await page.keyboard.press("Enter");
  await dialog.waitFor({ state: "hidden" });
  assert.equal((await announcements()).length, before, "nothing was said");
  await page.locator("#send-all").click();
  await dialog.getByRole("button", { name: words(`Yes, take over ${ALL} panels`) }).click();
  await watching(page);
  assert.equal((await read(idOf(page))).level, "emergency");
  await page.getByRole("button", { name: "Withdraw" }).click();
  await page.locator("#facts", { hasText: "withdrawn" }).waitFor();
  await page.context().close();
});

test("Enter in a field announces nothing, least of all an emergency", async () => {
  const before = (await announcements()).length;
  for (const script of [true, false]) {
    const page = await open("manager", "/announcements/new", { script });
    await page.fill("#text", "Entered");
    await page.locator("#announce [name=level][value=emergency]").check();
    const sent = [];
    page.on("request", (request) => request.method() === "POST" && sent.push(new URL(request.url()).pathname));
    await page.press("#text", "Enter");
    // What Enter does it does at once: the page is asked for something else, and answers.
    await page.locator("#announce [name=level][value=normal]").check();
    assert.ok(!sent.includes("/announcements/new"), sent);
    await page.context().close();
  }
  assert.equal((await announcements()).length, before);
});

test("by keyboard alone", async () => {
  const page = await open("manager", "/wall");
  const here = () => page.evaluate(() => document.activeElement.id || document.activeElement.value || document.activeElement.tagName);
  const tabTo = async (id, key = "Tab") => {
    for (let stop = 0; stop < 60; stop++) {
      if ((await here()) === id) return;
      await page.keyboard.press(key);
    }
    assert.fail(`${id} cannot be reached, ${await here()} is the last stop`);
  };
  await page.keyboard.press("n");
  await page.waitForURL("**/announcements/new");
  await tabTo("text");
  await page.keyboard.type("By keyboard");
  await tabTo("normal");
  await page.keyboard.press("ArrowRight");
  assert.equal(await here(), "urgent");
  await page.locator("#sentence", { hasText: "Urgent, to all" }).waitFor();
  await tabTo("lasts");
  await page.keyboard.press("End");
  await page.keyboard.press("ControlOrMeta+Enter");
  await watching(page);
  const id = idOf(page);
  assert.equal((await read(id)).text, "By keyboard");
  await until("it is shown", async () => (await told(page)).shown === ALL - OFF - REFUSING);
  await tabTo("withdraw");
  await page.keyboard.press("Enter");
  await page.locator("#facts", { hasText: "withdrawn" }).waitFor();
  assert.notEqual(await here(), "BODY", "the focus is not lost");
  await page.context().close();
});

test("without script, an emergency too", async () => {
  const page = await open("manager", "/announcements/new", { script: false });
  await page.fill("#text", "No script \u{10fffd}");
  await opens(page, () => page.getByRole("button", { name: "Show how it looks" }).click());
  await opens(page, () => page.getByRole("button", { name: "Remove it" }).click());
  assert.equal(await page.inputValue("#text"), "No script");
  await page.locator("[name=level][value=emergency]").check();
  await opens(page, () => page.locator("#send-all").click());
  await page.getByRole("button", { name: /^Yes, take over/ }).click();
  await watching(page);
  const id = idOf(page);
  await until("it is shown", async () => {
    await page.reload();
    return (await told(page)).shown === ALL - OFF - REFUSING;
  });
  await agree(page, id);
  await opens(page, () => page.getByRole("button", { name: "Withdraw" }).click());
  await page.getByText("Withdrawn. Badges return").waitFor();
  assert.equal((await read(id)).state, "withdrawn");
  await page.context().close();
});

test("what is wrong is said where it is, and nothing that was written is lost", async () => {
  const page = await open("manager", "/announcements/new");
  await page.fill("#text", "Ends never");
  await page.selectOption("#lasts", "");
  await page.locator("#send-all").click();
  await page.getByText("Say when it ends.").waitFor();
  await isAccessible(page);
  await page.reload();
  assert.equal(await page.inputValue("#text"), "Ends never", "the draft is kept");
  await page.locator("#panels img[alt^='Ends never']").first().waitFor();
  await page.selectOption("#lasts", "900");
  await page.check("[name=to][value=some]");
  await page.getByText("Nobody would show it").waitFor();
  await page.fill("#codes", `${badges[0].code.toLowerCase().slice(2)} B-2222`);
  await page.getByText("No badge of yours has this code").waitFor();
  await page.fill("#codes", badges[0].code);
  await page.locator("#sentence", { hasText: "Normal, to one badge" }).waitFor();
  await page.fill("#text", "m".repeat(400));
  await page.getByText("Too long for your badge").first().waitFor();
  await page.locator("#send-all").click();
  await page.locator("#announce:not([data-busy])").waitFor();
  await page.getByText("Too long for your badge").first().waitFor();
  assert.equal(new URL(page.url()).pathname, "/announcements/new");
  await page.context().close();
});

test("to my badge first, then to everyone", async () => {
  const page = await open("manager", "/announcements/new");
  await sends(page, "Try me");
  await page.locator("#try").click();
  await page.locator("#mine .st.shown").waitFor();
  assert.equal(await page.inputValue("#text"), "Try me");
  assert.deepEqual((await announcements())[0].audience, { badges: [badges.at(-1).id] });
  await page.locator("#send-all").click();
  await watching(page);
  assert.deepEqual((await read(idOf(page))).audience, { all: true });
  await page.context().close();
  await clear();
});

test("an auditor sees all of it and can change nothing", async () => {
  const { headers } = (await manager.post("/api/v1/announcements", { audience: { all: true }, text: "Seen" })).is(202);
  const path = headers.get("location").replace("/api/v1", "");
  const page = await open("auditor", path);
  await page.getByText("You can look, not change.").waitFor();
  await agree(page, path.split("/").at(-1));
  assert.equal(await page.locator("main button:not([data-copy])").count(), 0, "no dead buttons");
  for (const address of ["/wall", "/announcements"]) {
    await page.goto(address);
    await page.getByText("You can look, not change.").waitFor();
    assert.equal(await page.locator('main a[href*="new"], main button').count(), 0);
  }
  assert.equal((await page.goto("/announcements/new")).status(), 403);
  const withdrawn = await page.request.post(`${path}/withdraw`, {
    form: {}, headers: { "sec-fetch-site": "same-origin" }, maxRedirects: 0,
  });
  assert.equal(withdrawn.status(), 403);
  assert.equal((await read(path.split("/").at(-1))).state, "active");
  await page.context().close();
  await clear();
});

test("the wall shows those first that want a look, and follows what happens", async () => {
  const page = await open("manager", "/wall");
  assert.match(plain(await page.locator("#count").innerText()), new RegExp(`^${ALL - OFF} of ${ALL} badges are connected`));
  assert.equal(await page.locator(".tile").count(), 32);
  assert.equal(await page.locator(".tile.dim").count(), OFF);
  const { headers } = (await manager.post("/api/v1/announcements", { audience: { all: true }, text: "On the wall" })).is(202);
  await page.locator(".tile.bad").waitFor();
  assert.ok(await page.locator("li:first-child > .tile.bad").count(), "the refusing one is first");
  await page.locator("#running").getByRole("link", { name: "On the wall" }).waitFor();
  await page.getByRole("link", { name: /^Show .*\d+.* more$/ }).click();
  await until("all of them", async () => (await page.locator(".tile").count()) === ALL);
  (await manager.delete(headers.get("location"))).is(204);
  await page.locator(".tile.bad").waitFor({ state: "detached" });
  await page.context().close();
});

test("what is drawn is seen in forced colours, and moves only when asked", async () => {
  const { headers } = (await manager.post("/api/v1/announcements", { audience: { all: true }, text: "Drawn and moving on" })).is(202);
  const page = await open("manager", headers.get("location").replace("/api/v1", ""), { forced: true, stillness: true });
  // What is replaced while it is looked at is looked at again.
  const isSeen = async (drawn) => {
    const { least, most } = await until(drawn, () => range(page.locator(drawn).first()).catch(() => false));
    assert.ok(most - least > 100, `${drawn}: from ${least} to ${most}`);
  };
  for (const drawn of [".meter", ".plot", ".tile .led"]) await isSeen(drawn);
  await page.goto("/announcements/new");
  await page.fill("#text", "Drawn and moving on and on");
  for (const drawn of [".level:has(:checked) .turns", "#panels .led"]) await isSeen(drawn);
  const gifs = () => page.locator('#panels img[src^="data:image/gif"]').count();
  assert.equal(await gifs(), 0);
  await page.getByText("Play").click();
  await until("it plays", async () => (await gifs()) > 0);
  await page.context().close();
  await clear();
});

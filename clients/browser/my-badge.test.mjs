// A receptionist changes her line: from the link to the light in three taps, and back; by finger, by keyboard alone,
// and without script.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { isAccessible } from "../browser.mjs";
import { until } from "../until.mjs";
import { PHONE, opens, plain, reception, signedIn } from "./person.mjs";

let world, chromium, manager, says, display, close;
before(async () => ({ world, chromium, manager, says, display, close } = await reception()));
after(() => close?.());

const receptionist = (options) => signedIn(chromium, world, "receptionist", { size: PHONE, ...options });
const shown = (page) => page.locator("#panel .tag.shown").waitFor();
const picture = (page) => page.locator("#panel img").getAttribute("src");

test("three taps from the link to the light, and one tap back", async () => {
  const page = await receptionist();
  await page.fill("#text", "Amira");
  await page.click("#show");
  await shown(page);
  const first = await picture(page);

  // What takes long here is this machine, if anything: the best of five counts.
  let best = Infinity;
  for (const text of ["Amira H.", "In training", "Back in 5 min", "Amira H.", "Amira · DE EN"]) {
    await page.goto("/me"); // the first tap: the link
    await page.locator(`#used button, #text`).first().waitFor();
    const used = page.getByRole("button", { name: text, exact: true });
    if (await used.count()) await used.tap?.().catch(() => used.click()); // the second tap
    else await page.fill("#text", text);
    await page.locator("#panel.draft").waitFor();
    assert.equal(plain(await page.locator("#panel .state").innerText()), "This is how it will look Not sent yet");
    const tapped = performance.now();
    await page.click("#show"); // the third tap
    await shown(page);
    best = Math.min(best, performance.now() - tapped);
    assert.match(plain(await page.locator("#foot .steps").innerText()), /^Sent Held Shown \d+\.\d s$/);
  }
  assert.ok(best <= 1_500, `shown after ${Math.round(best)} ms`);

  const before = await picture(page);
  await page.getByRole("button", { name: /Back to/ }).click();
  await until("the line before is back", async () => (await display()).display.messages[0].segments[0].text === "Amira H.");
  await page.waitForFunction((src) => document.querySelector("#panel img").src !== src, before);
  await shown(page);
  await page.fill("#text", "Amira");
  await page.click("#show");
  await shown(page);
  assert.equal(await picture(page), first, "the same words are the same picture");
  await page.context().close();
});

test("a draft moves when asked to, goes on moving once it is sent, and stands still again", async () => {
  const page = await receptionist();
  const moves = page.locator('#panel img[src^="data:image/gif"]'), still = page.locator('#panel img[src^="data:image/png"]');
  await page.fill("#text", "Back in five minutes");
  await page.locator("#panel.draft").waitFor();
  assert.equal(await moves.count(), 0, "nothing moves unasked");
  await page.getByText("Play", { exact: true }).click();
  await moves.waitFor();
  assert.equal(plain(await page.locator("#panel .state").innerText()), "This is how it will look Not sent yet");
  await isAccessible(page);
  await page.click("#show");
  await shown(page);
  assert.equal(new URL(page.url()).search, "?moving=yes");
  assert.equal(await moves.count(), 1, "also when the page has followed what happened");
  await page.reload();
  await moves.waitFor();
  await page.getByText("Play", { exact: true }).click();
  await still.waitFor();
  await says("Somebody else's");
  await page.waitForFunction(() => document.querySelector("#panel img").alt === "Somebody else's");
  assert.equal(await moves.count(), 0);
  await page.context().close();
});

test("who wants moving pictures gets them unasked, and can still stop this one", async () => {
  await says("Amira");
  const page = await receptionist();
  await page.context().addCookies([{ name: "look", value: "language=en&theme=light&moving=yes", url: world.url }]);
  await page.goto("/me");
  await page.locator('#panel img[src^="data:image/gif"]').waitFor();
  await page.getByText("Play", { exact: true }).click();
  await page.locator('#panel img[src^="data:image/png"]').waitFor();
  await page.fill("#text", "Amira H.");
  await page.locator("#panel.draft").waitFor();
  await page.click("#show");
  await shown(page);
  assert.equal(new URL(page.url()).search, "?moving=no");
  assert.equal(await page.locator('#panel img[src^="data:image/png"]').count(), 1, "and it stays still");
  await page.context().close();
});

test("what was typed is judged in words, with the repair at hand", async () => {
  const page = await receptionist();
  await page.fill("#text", "Amira \u{10fffd}");
  await page.getByRole("button", { name: "Remove it" }).click();
  await page.waitForFunction(() => document.querySelector("#text").value === "Amira");
  const { revision } = await display();
  await page.fill("#text", "\u{10fffd}");
  await page.getByText("No LED picture for any of it").waitFor();
  await page.click("#show");
  await page.locator("#line:not([data-busy])").waitFor();
  await page.getByText("No LED picture for any of it").waitFor();
  assert.equal((await display()).revision, revision, "what nobody could read is not sent");
  assert.equal(await page.inputValue("#text"), "\u{10fffd}", "the text stays");
  await isAccessible(page);
  await page.reload();
  assert.equal(await page.inputValue("#text"), "\u{10fffd}", "also when the page is loaded again");
  await page.locator("#panel.draft").waitFor();
  await page.getByText("No LED picture for any of it").waitFor();
  await page.context().close();
});

test("a line that a manager changed meanwhile is shown beside one's own", async () => {
  await says("Reception");
  const page = await receptionist();
  await page.fill("#text", "Mine");
  await page.locator("#panel.draft").waitFor();
  await says("Theirs");
  await page.click("#show");
  await page.getByText("Somebody changed your line meanwhile").waitFor();
  assert.deepEqual(await page.locator("#conflict img").evaluateAll((all) => all.map(({ alt }) => alt)), ["Mine", "Theirs"]);
  await isAccessible(page);
  assert.equal((await display()).display.messages[0].segments[0].text, "Theirs", "nothing was overwritten");
  await page.getByRole("button", { name: "Keep mine" }).click();
  await shown(page);
  assert.equal((await display()).display.messages[0].segments[0].text, "Mine");
  await page.fill("#text", "Mine again");
  await page.locator("#panel.draft").waitFor();
  await says("Theirs again");
  await page.click("#show");
  await page.getByRole("link", { name: "Keep theirs" }).click();
  await shown(page);
  assert.equal(await page.inputValue("#text"), "Theirs again");
  await page.context().close();
});

test("an Arabic name stands right to left, on a page that does too", async () => {
  const page = await receptionist({ language: "ar" });
  assert.equal(await page.getAttribute("html", "dir"), "rtl");
  await page.fill("#text", "أميرة");
  await page.getByRole("button", { name: "اعرضه على شارتي" }).click();
  await shown(page);
  assert.equal(await page.locator("#panel img").getAttribute("alt"), "أميرة");
  assert.equal((await display()).display.messages[0].segments[0].text, "أميرة");
  const [head, who] = await Promise.all([".ph h1", ".ph .account"].map((place) => page.locator(place).boundingBox()));
  assert.ok(head.x > who.x, "the heading is on the right");
  await page.context().close();
});

test("by keyboard alone", async () => {
  await says("Before");
  const page = await receptionist();
  const here = () => page.evaluate(() => document.activeElement.id || document.activeElement.tagName);
  const tabTo = async (id) => {
    for (let stop = 0; stop < 20; stop++) {
      if ((await here()) === id) return;
      await page.keyboard.press("Tab");
    }
    assert.fail(`${id} cannot be reached, ${await here()} is the last stop`);
  };
  await tabTo("text");
  await page.keyboard.press("ControlOrMeta+a");
  await page.keyboard.type("By keyboard");
  await page.locator("#panel.draft").waitFor();
  await page.keyboard.press("Enter");
  await shown(page);
  assert.equal(await here(), "text", "the focus stays where it was");
  await tabTo("undo");
  await page.keyboard.press("Enter");
  await until("the line before is back", async () => (await display()).display.messages[0].segments[0].text === "Before");
  await shown(page);
  assert.notEqual(await here(), "BODY", "the focus is not lost");
  await page.context().close();
});

test("without script, by plain forms and by loading the page again", async () => {
  await says("Before");
  const page = await receptionist({ script: false });
  await page.fill("#text", "Without script");
  await page.getByText("Play", { exact: true }).click();
  await opens(page, () => page.getByRole("button", { name: "Show how it looks" }).click());
  assert.equal(plain(await page.locator("#panel .state").innerText()), "This is how it will look Not sent yet");
  assert.equal(await page.locator('#panel img[src^="data:image/gif"]').count(), 1, "it moves");
  await page.getByText("Play", { exact: true }).click();
  await opens(page, () => page.press("#text", "Enter"));
  await until("it is shown", async () => {
    await page.goto("/me");
    return page.locator("#panel .tag.shown").count();
  });
  assert.equal(await page.inputValue("#text"), "Without script");
  await opens(page, () => page.getByRole("button", { name: "Before", exact: true }).click());
  assert.equal(plain(await page.locator("#panel .state").innerText()), "This is how it will look Not sent yet");
  await opens(page, () => page.getByRole("button", { name: "Show on my badge" }).click());
  await opens(page, () => page.getByRole("button", { name: /Back to/ }).click());
  assert.equal((await display()).display.messages[0].segments[0].text, "Without script");
  await page.context().close();
});

test("pressed twice, sent once", async () => {
  const page = await receptionist();
  const { revision } = await display();
  await page.fill("#text", `Twice ${revision}`);
  await page.locator("#show").dblclick();
  await shown(page);
  assert.equal((await display()).revision, revision + 1);
  await page.context().close();
});

test("an emergency takes the panel, and the line comes back", async () => {
  await says("Amira");
  const page = await receptionist();
  await shown(page);
  const emergency = { audience: { all: true }, text: "Leave now", level: "emergency" };
  const { headers } = (await manager.post("/api/v1/announcements", emergency)).is(202);
  await page.getByText("An emergency takes the panel").first().waitFor();
  await page.getByText("Your line comes back when it ends.").waitFor();
  assert.match(await page.locator("#panel img").getAttribute("alt"), /Leave now/);
  await isAccessible(page);
  (await manager.delete(headers.get("location"))).is(204);
  await shown(page);
  assert.equal(await page.locator("#panel img").getAttribute("alt"), "Amira");
  await page.context().close();
});

test("a badge that is off keeps the line for when it is back", async () => {
  const off = await world.badge({ owner: "manager" });
  const page = await signedIn(chromium, world, "manager", { size: PHONE });
  await page.getByText(/Your badge was never switched on/).waitFor();
  await page.fill("#text", "Later");
  await page.click("#show");
  await page.locator("#panel:not(.draft)").waitFor();
  await page.getByText("Shows when it is back", { exact: true }).waitFor();
  assert.equal((await manager.get(`/api/v1/badges/${off.id}/display`)).body.revision, 1);
  await isAccessible(page);
  await page.context().close();
});

test("who has no badge is told whom to ask", async () => {
  const page = await signedIn(chromium, world, "admin", { size: PHONE });
  await page.getByText("You have no badge yet.").waitFor();
  await isAccessible(page);
  await page.context().close();
});

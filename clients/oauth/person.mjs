// The person in front of a browser whom applications and devices ask.

import { launch, visitor } from "../browser.mjs";
import { PASSWORD } from "../world.mjs";

export class Someone {
  /** In a browser of their own. */
  static async of(world, email) {
    const chromium = await launch();
    return Object.assign(new Someone(), { chromium, email, context: await visitor(chromium, world) });
  }

  leaves = () => this.chromium.close();

  /** Follows an application's link, signs in if asked, allows; where the browser was sent. */
  async allows(asked, application) {
    const page = await this.context.newPage();
    await page.goto(String(asked));
    await this.#signsIn(page);
    await page.locator("[name=action][value=allow]").click();
    const address = await application.visited(application.callback);
    await page.close();
    return address;
  }

  /** Opens the page a device names, types its code if it is not there already, and says yes. */
  connects = (address, code) => this.#decides(address, code, "allow");

  /** The same, and says no. */
  refuses = (address, code) => this.#decides(address, code, "deny");

  async #decides(address, code, action) {
    const page = await this.context.newPage();
    await page.goto(address);
    await this.#signsIn(page);
    if (code !== undefined) await page.locator("[name=user_code]").fill(code);
    await page.locator("[name=action][value=look]").click();
    const button = page.locator(`[name=action][value=${action}]`);
    await button.click();
    await button.waitFor({ state: "detached" });
    await page.close();
  }

  /** Follows an application's link to sign out; where the browser was sent. */
  async signsOut(asked, application) {
    const page = await this.context.newPage();
    await page.goto(String(asked));
    const address = await application.visited(application.goodbye);
    await page.close();
    return address;
  }

  async #signsIn(page) {
    const password = page.locator("[name=password]");
    if (!(await password.isVisible())) return;
    await page.locator("[name=email]").fill(this.email);
    await password.fill(PASSWORD);
    await page.locator("[name=action][value=sign_in]").click();
    await password.waitFor({ state: "detached" });
  }
}

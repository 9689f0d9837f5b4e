// A world that has something to look at: badges that show their owners' lines, and an announcement.

import { until } from "../world.mjs";

const NAMES = [
  "Amira H.", "Jonas", "Olena", "Tomás", "Zoë", "Yusuf", "أميرة", "Björn", "Priya", "Samuel", "Leïla", "Kofi",
  "Mei", "Hanna", "Omar", "Chiara", "Nina", "Marek", "Sofia", "Greta", "Ivo", "Kemal", "Rosa", "Noor",
];

/** Fills a world; the receptionist owns the first badge, and one badge was never switched on. */
export async function furnish(world, count = 8) {
  const manager = await world.as("manager");
  const { badges } = await world.fleet(count);
  await world.badge({ name: "Wanda" });
  const fire = { audience: { all: true }, text: "Fire drill 11:00 → gate B" };
  const { headers } = (await manager.post("/api/v1/announcements", fire)).is(202);
  const announcement = headers.get("location");
  await until("all show it", async () => (await manager.get(announcement)).body.receipts.shown >= count);
  // What is new is lit at once: lines that were there before would wait until the announcement has passed.
  await world.give(badges[0].id, "receptionist");
  (await manager.put(`/api/v1/badges/${badges[0].id}/display`, { text: "In training" })).is(200);
  for (const [index, { id }] of badges.entries()) {
    const name = NAMES[index % NAMES.length];
    (await manager.patch(`/api/v1/badges/${id}`, { name })).is(200);
    (await manager.put(`/api/v1/badges/${id}/display`, { text: name })).is(200);
  }
  const group = (await manager.post("/api/v1/groups", { name: "Front desk" })).is(201).body;
  (await manager.post(`/api/v1/groups/${group.id}/badges`, { badges: badges.slice(0, 3).map(({ id }) => id) })).is(204);
  return { badges, announcement };
}

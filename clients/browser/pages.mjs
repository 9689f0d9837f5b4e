// Every page of the console, with the person who opens it: what the checks of looks and the screenshots walk over.

/** `name` is the file of a screenshot; `role` who opens it (nobody if left out); `path` may be
 *  a function of the world; `phone` pages are for hands. */
export const PAGES = [
  { name: "sign-in", path: "/sign-in", phone: true },
  { name: "not-found", path: "/no/such/page", phone: true },
  { name: "my-badge", path: "/me", role: "receptionist", phone: true },
  { name: "my-badge-none", path: "/me", role: "admin", phone: true },
  { name: "device", path: "/device", role: "manager", phone: true },
  { name: "wall", path: "/wall", role: "manager" },
  { name: "announcements", path: "/announcements", role: "auditor" },
  { name: "announcement-new", path: "/announcements/new", role: "manager" },
  { name: "announcement", path: newest, role: "manager" },
];

/** The page of the announcement that was made last. */
async function newest(world) {
  const { items } = (await (await world.as("manager")).get("/api/v1/announcements?limit=1")).is(200).body;
  return `/announcements/${items[0].id}`;
}

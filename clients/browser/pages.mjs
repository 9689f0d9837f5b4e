// Every page of the console, with the person who opens it: what the checks of looks and the screenshots walk over.

const firstBadge = async (world) => `/badges/${(await world.badges())[0].code}`;
const firstOf = (list, path) => async (world) => {
  const { body } = (await (await world.as("admin")).get(list)).is(200);
  return `${path}/${body.items[0].id}`;
};

/** `name` is the file of a screenshot; `role` who opens it (nobody if left out); `path` may be
 *  a function of the world; `phone` pages are for hands; `write` is what stands in its fields, and `until`
 *  what is to be seen, when its picture is taken. */
export const PAGES = [
  { name: "sign-in", path: "/sign-in", phone: true },
  { name: "not-found", path: "/no/such/page", phone: true },
  { name: "my-badge", path: "/me", role: "receptionist", phone: true, until: "#panel .tag.shown" },
  { name: "my-badge-none", path: "/me", role: "admin", phone: true },
  { name: "device", path: "/device", role: "manager", phone: true },
  { name: "wall", path: "/wall", role: "manager" },
  { name: "announcements", path: "/announcements", role: "auditor" },
  { name: "announcement-new", path: "/announcements/new", role: "manager",
    write: { "#text": "Fire drill 11:00 → gate B" }, until: "#wide:not(:empty)" },
  { name: "announcement", path: newest, role: "manager" },
  { name: "badges", path: "/badges", role: "manager" },
  { name: "badge", path: firstBadge, role: "manager" },
  { name: "badge-looked-at", path: firstBadge, role: "auditor" },
  { name: "claim", path: "/claim", role: "manager" },
  { name: "groups", path: "/groups", role: "manager" },
  { name: "group", path: firstOf("/api/v1/groups", "/groups"), role: "manager" },
  { name: "people", path: "/people", role: "admin" },
  { name: "person", path: firstOf("/api/v1/users", "/people"), role: "admin" },
  { name: "access", path: "/access", role: "admin" },
  { name: "audit", path: "/audit?verify=yes", role: "auditor" },
  { name: "settings", path: "/settings", role: "admin" },
  { name: "search", path: "/search?q=a", role: "manager" },
];

/** A path that is fixed, or is found out from what the world holds. */
export const address = (world, path) => (typeof path === "function" ? path(world) : path);

/** The page of the announcement that was made last. */
async function newest(world) {
  const { items } = (await (await world.as("manager")).get("/api/v1/announcements?limit=1")).is(200).body;
  return `/announcements/${items[0].id}`;
}

# The wall.

wall-title = What the badges show now
wall-on = { $count } of { $of } badges are connected.
wall-troubled = { $count ->
    [one] One wants a look.
   *[other] { $count } want a look.
}
wall-running = Being announced
wall-groups = Show only
wall-everyone = All
wall-order = Those that want a look first
wall-empty = No badge has joined yet.
wall-empty-group = No badge is in this group.
wall-claim = Claim your first badge
simulated = Or start 20 simulated ones
simulated-why = Type this on a machine that has the simulator, with your password in a file named password. A page starts no programs.
wall-others = { $count ->
    [one] Show one more
   *[other] Show { $count } more
}
wall-state-on = On
wall-state-off = Off
wall-state-trouble = Wants a look
wall-off-since = Off { $time }
mosaic-alt = { $count ->
    [one] One badge, by state
   *[other] { $count } badges, one cell each, sorted by state
}
mosaic-state = State
mosaic-badges = Badges

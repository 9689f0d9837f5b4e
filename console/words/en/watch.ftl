# Watching an announcement.

watch-sent = sent
watch-sent-by = sent by { $name }
watch-you = you
watch-all-badges = all badges
watch-groups = { $count ->
    [one] one group
   *[other] { $count } groups
}
watch-tags = { $count ->
    [one] one tag
   *[other] { $count } tags
}
watch-badges = { $count ->
    [one] one badge
   *[other] { $count } badges
}
watch-score = { $count } of { $of } show it
watch-record = { $count ->
    [0] { $shown } of { $targeted }, all in time
    [one] { $shown } of { $targeted }, one named
   *[other] { $shown } of { $targeted }, { $count } named
}
watch-all = { $count ->
    [one] The only one shows it, after { $seconds } s
   *[other] All { $count } show it, the last one after { $seconds } s
}
watch-withdrawn = Withdrawn.
watch-receipts = Receipts
watch-of = { $count ->
    [one] of one badge shows it
   *[other] of { $count } badges show it
}
watch-proof = their panel matches our picture, pixel for pixel
watch-targeted = { $count } targeted
watch-now = now
watch-half = Half
watch-percent = { $percent } %
watch-within = within { $seconds } s
watch-not-yet = not yet
watch-deadline = Deadline
watch-behind = Not showing it yet
watch-named = Named at the deadline
watch-copy = Copy the list
watch-copied = Copied
watch-mail = Mail the list
watch-mail-more = { $count ->
    [one] … and one more
   *[other] … and { $count } more
}
watch-nobody-behind = Nobody is behind.
watch-all-laggards = { $count ->
    [one] Show it
   *[other] Show all { $count }
}
watch-shorten = Shorten
watch-again = Send again
watch-identify = Identify
watch-look = Look
watch-again-all = { $count ->
    [one] Send again to one
   *[other] Send again to { $count }
}
watch-withdraw = Withdraw
watch-say-again = Say it again
watch-wall = The wall
watch-empty = No badge is meant yet. Those that join later are shown here.
watch-shown-after = Shown { $seconds } s
watch-off-since = Off since { $time }.
watch-off-never = It was never switched on.
watch-battery = The battery was at { $percent } %.
watch-no-answer = Connected, but it has not answered.
watch-weak = The signal is weak ({ $dbm } dBm).
watch-not-lit = Stored, but not lit.
watch-mismatch = Its panel lights something else than our picture.
watch-refused = It refused:
watch-expired = Its time was over before it was lit.
axis-seconds = { $n } s
axis-minutes = { $n } min
axis-hours = { $n } h
said-withdrawn = Withdrawn. Badges return to their owner’s line.
said-sent-again = Sent again.
said-identify = It blinks now: { $what }

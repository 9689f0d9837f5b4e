# A new announcement.

level-normal = Normal
level-urgent = Urgent
level-emergency = Emergency
until = until
badges-count = { $count ->
    [one] one badge
   *[other] { $count } badges
}
span-seconds = { $count } seconds
span-minutes = { $count ->
    [one] 1 minute
   *[other] { $count } minutes
}
span-hours = { $count ->
    [one] 1 hour
   *[other] { $count } hours
}

announce-earlier = Start from an earlier one
announce-message = Message
announce-wide-still = { $count ->
    [one] one column wide: stands still
   *[other] { $count } columns wide: stands still
}
announce-wide-moves = { $count ->
    [one] one column wide: moves past in { $seconds } s
   *[other] { $count } columns wide: moves past in { $seconds } s
}
announce-columns = { $count ->
    [one] one column
   *[other] { $count } columns
}
announce-movement = Movement
announce-blink = Blink
announce-border = Border
announce-more = Speed, second message
announce-second = Second message
announce-loud = How loud
announce-normal-why = Follows the owner’s own line.
announce-urgent-why = Comes first, then the owner’s line, in turn.
announce-emergency-why = Takes the panel alone until you withdraw it.
announce-key-this = this announcement
announce-key-own = the owner’s own line
announce-others = { $count ->
    [one] Another of this kind is showing. Yours is newest and comes first.
   *[other] { $count } others of this kind are showing. Yours is newest and comes first.
}
announce-who = Who shows it
announce-all = All badges
announce-some = Only some
announce-groups = Groups
announce-tags = Tags
announce-codes = Badges by their code
announce-codes-hint = As it stands on the badge, such as B-7K2M. Separate several by spaces.
announce-code-unknown = No badge of yours has this code: { $code }
announce-connected = { $count ->
    [0] None is connected now.
    [one] One is connected now.
   *[other] { $count } are connected now.
}
announce-away = { $count ->
    [one] One is not: it gets it when it returns before { $time }.
   *[other] { $count } are not: they get it when they return before { $time }.
}
announce-late = Badges that join later get it too.
announce-nobody = Nobody would show it: no claimed badge is among these.
announce-no-badges = You have no claimed badge yet, so nobody would show it.
announce-when = When
announce-starts = Starts
announce-starts-hint = At once if left empty.
announce-lasts = Ends after
announce-lasts-none = Not said
announce-ends-at = or at
announce-deadline = Name the laggards after
announce-panels = On the panels
announce-strip = The whole message; the frame is one panel wide
announce-strip-label = The whole message, can be scrolled
announce-read = Can it be read?
announce-glyphs = Every letter has a picture on these panels.
announce-steady = Steady light: it does not flash too fast.
announce-pass = Seeing it once takes { $seconds } s.
announce-nothing = Write a message to see it here.
announce-bar = Send
announce-to-all = { $count ->
    [one] to the only badge
   *[other] to all { $count } badges
}
announce-to-some = { $count ->
    [one] to one badge
   *[other] to { $count } badges
}
announce-now = now
announce-from = from { $time }
announce-until = until { $time }
announce-until-withdrawn = until you withdraw it, 24 hours at most
announce-no-end = (no end yet)
announce-undo = You can withdraw it at any time; badges then return to their owner’s line.
announce-try = Send to my badge first
announce-mine = Sent to your badge only:
announce-send = { $count ->
    [one] Send to 1 badge
   *[other] Send to { $count } badges
}
announce-shortcut = Ctrl ↵
announce-ask-title = { $count ->
    [one] Take over one panel?
   *[other] Take over { $count } panels?
}
announce-ask-why = An emergency hides every name and every other line until it ends or you withdraw it.
announce-ask-yes = { $count ->
    [one] Yes, take over one panel
   *[other] Yes, take over { $count } panels
}
announce-cancel = Cancel
announce-wrong-text = Write what the badges should say.
announce-wrong-end = Say when it ends. Only an emergency may stay until you withdraw it.
announce-wrong-until = It has to end after it starts, and within a year.
announce-wrong-deadline = The moment at which laggards are named has to lie after the start.
announce-wrong-who = Choose who shows it.
announce-wrong-many = That are too many groups, tags and badges at once.
announce-wrong-tried = You own no badge to try it on.
said-announced = Announced.

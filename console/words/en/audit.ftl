# The audit trail.

audit-why = Who did what, newest first. Every entry hangs on the one before it, so that a change shows.
audit-verify = Check that it is whole
audit-export = Save as a table
audit-action = Action
audit-all = Show all
audit-none = Nothing is like that.
audit-house = The house itself
audit-someone = Somebody
audit-a-badge = A badge
audit-a-program = A program
audit-whole = { $count ->
    [one] The one entry is as it was written.
   *[other] All { $count } entries are as they were written, and none is missing.
}
audit-broken = Entry { $number } was changed, or the one before it is missing.
audit-short = Only { $count } of { $of } entries are there: the newest are missing.
audit-rewritten = Entry { $number }, which was seen before, is missing or is another one now.
audit-security = Security events
audit-action-hint = Such as badge.revoke; with a dot at its end, what it begins with.

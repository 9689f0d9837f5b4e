# The list of announcements.

announcements-new = New announcement
announcements-running = Running
announcements-coming = Coming
announcements-past = Past
announcements-days = The days ahead
announcements-none = Nothing
announcements-nothing = Nothing is being announced now.
announcements-from = from
announcements-ended = ended
announcements-withdrawn = withdrawn
announcements-named = { $count ->
    [one] one named at the deadline
   *[other] { $count } named at the deadline
}
announcements-all-in-time = All showed it in time
announcements-older = Older ones
day-0 = Today
day-1 = Monday
day-2 = Tuesday
day-3 = Wednesday
day-4 = Thursday
day-5 = Friday
day-6 = Saturday
day-7 = Sunday

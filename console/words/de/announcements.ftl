# Die Liste der Durchsagen.

announcements-new = Neue Durchsage
announcements-running = Laufend
announcements-coming = Kommend
announcements-past = Vergangen
announcements-days = Die nächsten Tage
announcements-none = Nichts
announcements-nothing = Gerade wird nichts durchgesagt.
announcements-from = ab
announcements-ended = beendet
announcements-withdrawn = zurückgezogen
announcements-named = { $count ->
    [one] eines zum Termin genannt
   *[other] { $count } zum Termin genannt
}
announcements-all-in-time = Alle zeigten sie rechtzeitig
announcements-older = Ältere
day-0 = Heute
day-1 = Montag
day-2 = Dienstag
day-3 = Mittwoch
day-4 = Donnerstag
day-5 = Freitag
day-6 = Samstag
day-7 = Sonntag

# Eine Durchsage verfolgen.

watch-sent = gesendet
watch-sent-by = gesendet von { $name }
watch-you = Ihnen
watch-all-badges = alle Schilder
watch-groups = { $count ->
    [one] eine Gruppe
   *[other] { $count } Gruppen
}
watch-tags = { $count ->
    [one] ein Merkmal
   *[other] { $count } Merkmale
}
watch-badges = { $count ->
    [one] ein Schild
   *[other] { $count } Schilder
}
watch-score = { $count } von { $of } zeigen sie
watch-record = { $count ->
    [0] { $shown } von { $targeted }, alle rechtzeitig
    [one] { $shown } von { $targeted }, eines genannt
   *[other] { $shown } von { $targeted }, { $count } genannt
}
watch-all = { $count ->
    [one] Das einzige zeigt sie, nach { $seconds } s
   *[other] Alle { $count } zeigen sie, das letzte nach { $seconds } s
}
watch-withdrawn = Zurückgezogen.
watch-receipts = Quittungen
watch-of = { $count ->
    [one] von einem Schild zeigt sie
   *[other] von { $count } Schildern zeigen sie
}
watch-proof = ihre Anzeige gleicht unserem Bild, Punkt für Punkt
watch-targeted = { $count } gemeint
watch-now = jetzt
watch-half = Die Hälfte
watch-percent = { $percent } %
watch-within = in { $seconds } s
watch-not-yet = noch nicht
watch-deadline = Termin
watch-behind = Zeigen sie noch nicht
watch-named = Zum Termin genannt
watch-copy = Liste kopieren
watch-copied = Kopiert
watch-mail = Liste mailen
watch-mail-more = { $count ->
    [one] … und noch eine
   *[other] … und noch { $count }
}
watch-nobody-behind = Keines ist zurück.
watch-all-laggards = { $count ->
    [one] Zeigen
   *[other] Alle { $count } zeigen
}
watch-shorten = Kürzen
watch-again = Erneut senden
watch-identify = Blinken lassen
watch-look = Ansehen
watch-again-all = { $count ->
    [one] Erneut an eines senden
   *[other] Erneut an { $count } senden
}
watch-withdraw = Zurückziehen
watch-say-again = Noch einmal durchsagen
watch-wall = Die Wand
watch-empty = Noch ist kein Schild gemeint. Die später dazukommen, erscheinen hier.
watch-shown-after = Gezeigt { $seconds } s
watch-off-since = Aus seit { $time }.
watch-off-never = Es war noch nie eingeschaltet.
watch-battery = Der Akku war bei { $percent } %.
watch-no-answer = Verbunden, hat aber nicht geantwortet.
watch-weak = Das Signal ist schwach ({ $dbm } dBm).
watch-not-lit = Gespeichert, aber nicht gezeigt.
watch-mismatch = Seine Anzeige zeigt etwas anderes als unser Bild.
watch-refused = Es hat abgelehnt:
watch-expired = Die Zeit war um, bevor es sie zeigte.
axis-seconds = { $n } s
axis-minutes = { $n } min
axis-hours = { $n } h
said-withdrawn = Zurückgezogen. Die Schilder zeigen wieder ihre eigene Zeile.
said-sent-again = Erneut gesendet.
said-identify = Es blinkt jetzt: { $what }

# Eine neue Durchsage.

level-normal = Normal
level-urgent = Dringend
level-emergency = Notfall
until = bis
badges-count = { $count ->
    [one] ein Schild
   *[other] { $count } Schilder
}
span-seconds = { $count } Sekunden
span-minutes = { $count ->
    [one] 1 Minute
   *[other] { $count } Minuten
}
span-hours = { $count ->
    [one] 1 Stunde
   *[other] { $count } Stunden
}

announce-earlier = Mit einer früheren beginnen
announce-message = Nachricht
announce-wide-still = { $count ->
    [one] eine Spalte breit: steht still
   *[other] { $count } Spalten breit: steht still
}
announce-wide-moves = { $count ->
    [one] eine Spalte breit: läuft in { $seconds } s durch
   *[other] { $count } Spalten breit: läuft in { $seconds } s durch
}
announce-columns = { $count ->
    [one] eine Spalte
   *[other] { $count } Spalten
}
announce-movement = Bewegung
announce-blink = Blinken
announce-border = Rahmen
announce-more = Tempo, zweite Nachricht
announce-second = Zweite Nachricht
announce-loud = Wie laut
announce-normal-why = Folgt auf die eigene Zeile der Person.
announce-urgent-why = Kommt zuerst, dann die eigene Zeile, im Wechsel.
announce-emergency-why = Belegt die Anzeige allein, bis Sie ihn zurückziehen.
announce-key-this = diese Durchsage
announce-key-own = die eigene Zeile
announce-others = { $count ->
    [one] Eine andere dieser Art läuft. Ihre ist die neueste und kommt zuerst.
   *[other] { $count } andere dieser Art laufen. Ihre ist die neueste und kommt zuerst.
}
announce-who = Wer sie zeigt
announce-all = Alle Schilder
announce-some = Nur einige
announce-groups = Gruppen
announce-tags = Merkmale
announce-codes = Schilder nach ihrem Code
announce-codes-hint = Wie er auf dem Schild steht, etwa B-7K2M. Mehrere durch Leerzeichen trennen.
announce-code-unknown = Keines Ihrer Schilder hat diesen Code: { $code }
announce-connected = { $count ->
    [0] Keines ist jetzt verbunden.
    [one] Eines ist jetzt verbunden.
   *[other] { $count } sind jetzt verbunden.
}
announce-away = { $count ->
    [one] Eines nicht: Es bekommt sie, wenn es vor { $time } zurückkommt.
   *[other] { $count } nicht: Sie bekommen sie, wenn sie vor { $time } zurückkommen.
}
announce-late = Schilder, die später dazukommen, bekommen sie auch.
announce-nobody = Niemand würde sie zeigen: Darunter ist kein übernommenes Schild.
announce-no-badges = Sie haben noch kein Schild übernommen, also würde sie niemand zeigen.
announce-when = Wann
announce-starts = Beginnt
announce-starts-hint = Sofort, wenn hier nichts steht.
announce-lasts = Endet nach
announce-lasts-none = Nicht gesagt
announce-ends-at = oder um
announce-deadline = Nachzügler nennen nach
announce-panels = Auf den Anzeigen
announce-strip = Die ganze Nachricht; der Rahmen ist eine Anzeige breit
announce-strip-label = Die ganze Nachricht, lässt sich verschieben
announce-read = Ist es lesbar?
announce-glyphs = Jeder Buchstabe hat ein Bild auf diesen Anzeigen.
announce-steady = Ruhiges Licht: Es blitzt nicht zu schnell.
announce-pass = Einmal sehen dauert { $seconds } s.
announce-nothing = Schreiben Sie eine Nachricht, um sie hier zu sehen.
announce-bar = Senden
announce-to-all = { $count ->
    [one] an das einzige Schild
   *[other] an alle { $count } Schilder
}
announce-to-some = { $count ->
    [one] an ein Schild
   *[other] an { $count } Schilder
}
announce-now = jetzt
announce-from = ab { $time }
announce-until = bis { $time }
announce-until-withdrawn = bis Sie ihn zurückziehen, höchstens 24 Stunden
announce-no-end = (noch ohne Ende)
announce-undo = Sie können sie jederzeit zurückziehen; dann zeigen die Schilder wieder ihre eigene Zeile.
announce-try = Erst an mein Schild senden
announce-mine = Nur an Ihr Schild gesendet:
announce-send = { $count ->
    [one] An 1 Schild senden
   *[other] An { $count } Schilder senden
}
announce-shortcut = Strg ↵
announce-ask-title = { $count ->
    [one] Eine Anzeige belegen?
   *[other] { $count } Anzeigen belegen?
}
announce-ask-why = Ein Notfall verdeckt jeden Namen und jede andere Zeile, bis er endet oder Sie ihn zurückziehen.
announce-ask-yes = { $count ->
    [one] Ja, eine Anzeige belegen
   *[other] Ja, { $count } Anzeigen belegen
}
announce-cancel = Abbrechen
announce-wrong-text = Schreiben Sie, was die Schilder sagen sollen.
announce-wrong-end = Sagen Sie, wann sie endet. Nur ein Notfall darf bleiben, bis Sie ihn zurückziehen.
announce-wrong-until = Sie muss nach ihrem Beginn enden, und innerhalb eines Jahres.
announce-wrong-deadline = Der Zeitpunkt, zu dem Nachzügler genannt werden, muss nach dem Beginn liegen.
announce-wrong-who = Wählen Sie, wer sie zeigt.
announce-wrong-many = Das sind zu viele Gruppen, Merkmale und Schilder auf einmal.
announce-wrong-tried = Sie haben kein Schild, um es auszuprobieren.
said-announced = Durchgesagt.

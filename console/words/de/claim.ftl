# Das Schild aufnehmen, das einen Code zeigt.

claim-title = Schild aufnehmen
claim-first = Was zeigt das Schild?
claim-next = Das nächste aufnehmen
claim-code = Sechs Buchstaben
claim-letters = Sechs Buchstaben; A, E, I, O, U und Y kommen nie vor, auch keine Ziffern.
claim-hint = Sie stehen auf seiner Anzeige. Leerzeichen, Bindestriche und kleine Buchstaben sind egal.
claim-look = Weiter
claim-printed = Ein Schild zeigt seinen Code, wenn es eingeschaltet wird und niemandem gehört. Nach fünf Minuten wechselt er.
claim-impossible = Das ist kein Code: sechs Buchstaben, ohne A, E, I, O, U, Y und Ziffern.
claim-wrong = Kein Schild zeigt jetzt diesen Code. { $count ->
    [0] Das war der letzte Versuch für fünf Minuten.
    [one] Noch ein Versuch.
   *[other] Noch { $count } Versuche.
}
claim-wait = Zu viele falsche Codes. Wieder ab { $time }.
claim-expired = Dieser Code ist abgelaufen. Das Schild zeigt jetzt einen neuen.
claim-ours = Dieses Schild gehört Ihnen schon: Es ist { $name }.
claim-foreign = Dieses Schild gehört einer anderen Organisation. Nur sie kann es freigeben.
claim-refused = Jemand hat dieses Schild abgelehnt. Aus- und einschalten, dann zeigt es einen neuen Code.
claim-program = Das ist kein Schild, sondern ein Programm, das auf eine Anmeldung wartet.
claim-device = Programm anmelden
claim-see = Schild ansehen

claim-who = Ist das das Schild in Ihrer Hand?
claim-same = Seine Anzeige zeigt jetzt das
claim-compare = Nehmen Sie das Schild in die Hand und vergleichen Sie Buchstabe für Buchstabe. Nehmen Sie nur auf, was Sie sehen: Vielleicht hat Ihnen jemand den Code eines anderen geschickt.
claim-first-seen = Zuerst gesehen
claim-network = Netz
claim-network-yours = dasselbe wie Ihres
claim-network-other = Es meldet sich aus einem anderen Netz als Sie. Bei Mobilfunk oder einem anderen Gebäude ist das normal; ein Warnzeichen ist es, wenn Ihnen jemand den Code geschickt hat.
claim-ends = Sein Code gilt bis
claim-silent = Es war zuletzt um { $time } zu hören und ist vielleicht aus. Nehmen Sie es auf, kommt es dazu, wenn es vor Ablauf des Codes zurück ist.
claim-name = Name
claim-name-hint = Leer: der Name der Person, sonst der Code des Schilds.
claim-group = Gruppe
claim-no-group = Keine Gruppe
claim-do = Schild aufnehmen
claim-not-mine = Das ist nicht meins
claim-shown-in = Gezeigt nach { $seconds } s
claim-on-its-way = Es ist da. Seine erste Zeile ist unterwegs.
claim-waits-for-it = Aufgenommen. In wenigen Sekunden ist es da.
claim-blinks = Blinkt das Schild in Ihrer Hand und zeigt es das? Sonst geben Sie es frei.
claim-release = Freigeben (bis { $time })
said-refused = Dem Schild wurde gesagt, dass es nicht hierher gehört.

# Ihr Schild.

my-question = Was soll darauf stehen?
my-draft = So wird es aussehen
my-not-sent = Noch nicht gesendet
my-empty = Ihr Schild hat noch keine Zeile
my-emergency = Ein Notfall belegt die Anzeige
my-comes-back = Ihre Zeile kommt zurück, wenn er vorbei ist.
my-shown = Jetzt auf Ihrem Schild
my-on-its-way = Unterwegs zu Ihrem Schild
my-waits = Für Ihr Schild aufgehoben
my-refused = Ihr Schild konnte es nicht annehmen
my-off-since = Ihr Schild ist seit { $time } aus. Wir heben Ihre Zeile auf und zeigen sie, sobald es zurück ist.
my-never-on = Ihr Schild war noch nie an. Wir heben Ihre Zeile auf und zeigen sie dann.
my-off-how = Halten Sie die seitliche Taste 2 Sekunden lang.
my-shows-when-back = Wird gezeigt, sobald es zurück ist
my-shown-in = Gezeigt { $seconds } s
my-steps = Wie weit Ihre Zeile ist
my-show = Auf meinem Schild zeigen
my-back-to = Zurück zu „{ $text }“
my-used = Schon benutzt
my-moves = Wie es sich bewegt
my-also = Auch auf Ihrem Schild
my-also-normal = Durchsage bis { $time }. Sie wechselt sich mit Ihrer Zeile ab.
my-also-urgent = Dringende Durchsage bis { $time }. Sie kommt vor Ihrer Zeile.
my-none = Sie haben noch kein Schild.
my-none-claim = Eines übernehmen
my-none-ask = Bitten Sie die Person, die sich um die Schilder kümmert, Ihnen eines zu geben.
try-again = Noch einmal versuchen
play = Abspielen
see = Zeigen, wie es aussieht

moves-auto = Wie es passt
moves-still = Steht still
moves-scroll = Läuft durch
speed = Tempo
speed-slow = Langsam
speed-normal = Normal
speed-fast = Schnell

fit-still = Passt. Steht still, gut lesbar.
fit-moves = Passt nicht auf einmal: läuft in { $seconds } s durch.
fit-repair = Entfernen
fit-missing = Kein LED-Bild für { $letters }: wird als Kästchen gezeigt.
fit-nothing-left = Für nichts davon gibt es ein LED-Bild: { $letters }.
fit-too-long = Zu lang für Ihr Schild. Lassen Sie etwa { $count ->
    [one] einen Buchstaben
   *[other] { $count } Buchstaben
} weg.
fit-slow = Einmal lesen dauert { $seconds } s. Kürzer ist besser.
fit-flashing = Es blitzt zu schnell und könnte Menschen schaden. Wählen Sie ein langsameres Tempo.
fit-dark = Nichts davon leuchtet.
fit-clipped = Einige Punkte liegen außerhalb der Anzeige und werden abgeschnitten.
fit-other = So ist es nicht gut lesbar.
fit-empty = Schreiben Sie, was auf Ihrem Schild stehen soll.

conflict-title = Jemand hat Ihre Zeile inzwischen geändert
conflict-mine = Ihre
conflict-theirs = Jetzt auf Ihrem Schild
conflict-keep-mine = Meine behalten
conflict-keep-theirs = Die andere behalten

# Was der Autorisierungsserver fragt.

sign-in-first = Bitte melden Sie sich zuerst an.
consent-title = Das erlauben?
consent-you-are = Sie sind
consent-this-device = eine Anwendung auf diesem Gerät
consent-asks = möchte:
consent-allow = Erlauben
consent-refuse = Ablehnen
consent-broken = Das geht so nicht
consent-broken-why = Die Anfrage der Anwendung stimmt nicht. Wer sie gemacht hat, sollte wissen:

scope-badges-read = Alle Schilder und Durchsagen sehen
scope-badges-write = Schilder anmelden und ändern, was sie zeigen
scope-badges-own = Sehen und ändern, was Ihr Schild zeigt
scope-announcements-write = Durchsagen an Schilder senden
scope-users-admin = Personen und ihre Schlüssel verwalten
scope-audit-read = Das Protokoll lesen
scope-device-connect = Sich als Schild verbinden
scope-openid = Wissen, wer Sie sind
scope-profile = Ihren Namen kennen
scope-email = Ihre E-Mail-Adresse kennen
scope-offline-access = Dies auch tun, während Sie nicht da sind

device-title = Ein Gerät verbinden
device-type = Geben Sie die sechs Buchstaben ein, die das Gerät zeigt.
device-code = Code
device-go-on = Weiter
device-wrong = Kein Gerät zeigt gerade diesen Code. Er wechselt nach fünf Minuten.
device-wait = Zu viele falsche Codes. Versuchen Sie es in { $seconds } s noch einmal.
device-question = Ist das Ihr Gerät?
device-unknown-model = Ein Schild unbekannten Modells
device-wants-in = möchte ein Schild Ihrer Organisation werden.
device-as-you = Eine Befehlszeile möchte in Ihrem Namen handeln, und:
device-from = Die Anfrage kam aus dem Netz
device-only-if = Sagen Sie nur Ja, wenn Sie das Gerät in der Hand halten und dies selbst begonnen haben.
device-name = Sein Name (lässt sich später ändern)
device-yes = Ja, verbinden
device-no = Nein
device-not-yours = Nicht Ihre Aufgabe
device-not-yours-why = Nur Leitung und Administration dürfen Schilder übernehmen. Fragen Sie dort nach.
device-refused = Abgelehnt
device-refused-why = Das Gerät erfährt es.
device-claimed = Das Schild gehört Ihnen
device-claimed-why = Es ist jetzt { $name }, { $code }. Gleich zeigt es seine eigene Zeile.
device-done = Fertig
device-done-why = Zurück zu Ihrem Gerät; es ist angemeldet.

leave-title = Abmelden?
leave-done = Abgemeldet
leave-done-why = Sie können diese Seite schließen.

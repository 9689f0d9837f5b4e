# An- und Abmelden, und was nicht ging.

sign-in = Anmelden
sign-in-title = Anmelden
sign-in-email = E-Mail-Adresse
sign-in-password = Passwort
sign-in-remember = Auf diesem Gerät 90 Tage angemeldet bleiben
sign-in-remember-why = Nur um das eigene Schild zu ändern, und nur in diesem Browser.
sign-in-again = Dafür ist eine frische Anmeldung nötig. Bitte zeigen Sie, dass Sie es noch sind.
sign-in-wrong = E-Mail-Adresse oder Passwort stimmt nicht.
sign-in-wait = Zu viele Versuche. Bitte warten Sie { $seconds } Sekunden.
sign-in-busy = Gerade melden sich zu viele an. Bitte versuchen Sie es noch einmal.
said-no-badge = Sie sind angemeldet. Da Ihnen kein Schild gehört, nicht für 90 Tage.
sign-out = Abmelden
said-signed-out = Sie sind abgemeldet.

trouble-request = Wenn Sie um Hilfe bitten, nennen Sie
trouble-home = Zum Anfang
trouble-forbidden = Das ist nicht für Sie
trouble-forbidden-why = Ihre Rolle umfasst das nicht. Die Administration kann das ändern.
trouble-remembered-why = Diese Anmeldung gilt nur für das eigene Schild. Melden Sie sich mit Ihrem Passwort an, um mehr zu sehen.
trouble-not-found = Hier ist nichts
trouble-not-found-why = Nichts hat diese Adresse, oder es ist nicht für Sie.
trouble-input = So geht das nicht
trouble-input-why = Etwas an den Angaben stimmt nicht.
trouble-conflict = Jemand war schneller
trouble-conflict-why = Es wurde inzwischen geändert. Laden Sie die Seite neu und vergleichen Sie beides.
trouble-foreign = Das Formular kam von einer anderen Seite
trouble-foreign-why = Öffnen Sie die Seite hier und senden Sie es noch einmal.
trouble-many = Zu viel auf einmal
trouble-many-why = Bitte warten Sie kurz und versuchen Sie es noch einmal.
trouble-server = Hier ging etwas schief
trouble-server-why = Es liegt nicht an Ihnen und wurde notiert. Bitte versuchen Sie es noch einmal.

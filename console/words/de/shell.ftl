# Was um jede Seite herum steht.

skip-to-content = Zum Inhalt
navigation = Hauptnavigation
live = Live
live-not-since = Nicht live seit { $time }, neuer Versuch läuft
live-signed-out = Abgemeldet: zum Fortfahren anmelden
your-account = Ihr Konto, { $name }
remembered-only-badge = nur für das eigene Schild angemeldet

place-my-badge = Ihr Schild
place-wall = Wand
place-announcements = Durchsagen
place-badges = Schilder
place-groups = Gruppen
place-people = Personen
place-access = Zugänge
place-audit = Protokoll
place-settings = Einstellungen

role-admin = Administration
role-manager = Leitung
role-receptionist = Empfang
role-auditor = Prüfung

language = Sprache
theme = Darstellung
theme-auto = Wie auf diesem Gerät
theme-light = Hell
theme-dark = Dunkel
look-save = Übernehmen
said-look = Für diesen Browser gespeichert.
only-looks = Sie können alles ansehen, aber nichts ändern.

# Wie weit ein Schild mit dem ist, was es bekommen hat.
state-pending = Ausstehend
state-sent = Gesendet
state-held = Gespeichert
state-written = Geschrieben
state-shown = Gezeigt
state-refused = Abgelehnt
state-expired = Abgelaufen
state-superseded = Ersetzt

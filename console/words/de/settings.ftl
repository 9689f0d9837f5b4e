# Einstellungen und Suche.

settings-yours = Wie es für Sie aussieht
settings-yours-why = Gemerkt in diesem Browser.
settings-moving = Bilder von Anzeigen
settings-moving-no = stehen still
settings-moving-yes = bewegen sich
settings-keys = Einzelne Tasten
settings-keys-why = / sucht, n beginnt eine Durchsage.
settings-on = Ein
settings-off = Aus
settings-server = Dieser Server
settings-server-why = Wird beim Start festgelegt; siehe die Dokumentation der Einstellungen.
settings-admin-only = Wie der Server eingerichtet ist, sieht die Administration.
settings-organization = Organisation
settings-address = Adresse
settings-mqtt = Schilder verbinden sich mit
settings-database = Datenbank
settings-encryption = Verschlüsselung
settings-version = Version
settings-data = Datenordner
settings-tls = TLS
settings-plain = keine: nur dieser Rechner, oder durch --allow-plaintext erlaubt

search-title = Suche
search-label = Schild, Person, Gruppe oder Durchsage
search-do = Suchen
search-hint = Ein Code wie B-7K2M, Teil eines Namens oder Wörter einer Durchsage.
search-nothing = Nichts heißt hier „{ $text }“.

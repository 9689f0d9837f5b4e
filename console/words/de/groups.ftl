# Gruppen.

groups-none = Es gibt noch keine Gruppen. Eine Gruppe ist eine Menge von Schildern, für die eine Durchsage gelten kann.
groups-badges = { $count ->
    [one] Ein Schild
   *[other] { $count } Schilder
}
groups-new = Neue Gruppe
groups-name = Name
groups-make = Gruppe anlegen
groups-taken = Eine Gruppe dieses Namens gibt es schon.
groups-members = Schilder darin
groups-empty = Noch ist kein Schild darin.
groups-find-in = Darin suchen
groups-add = Schilder hinzufügen
groups-who = Codes oder ein Name
groups-who-hint = Mehrere Codes auf einmal, oder Teil eines Namens zum Auswählen.
groups-which = Welche davon?
groups-add-do = Hinzufügen
groups-nothing-found = Kein Schild hat diesen Code, Namen oder diese Person.
groups-nothing-chosen = Wählen Sie mindestens ein Schild.
groups-take-out = Schilder herausnehmen
groups-take-out-do = Herausnehmen
groups-change = Die Gruppe selbst
groups-rename = Umbenennen
groups-dissolve = Auflösen …
groups-dissolve-why = Die Schilder bleiben; Durchsagen an diese Gruppe enden für alle, die nur in ihr waren.
groups-dissolve-yes = Auflösen
said-group = { $what } wurde gespeichert.
said-group-added = Zu { $what } hinzugefügt.
said-group-removed = Aus { $what } herausgenommen.
said-group-dissolved = { $what } wurde aufgelöst.

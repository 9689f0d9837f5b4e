# Die Wand.

wall-title = Was die Schilder jetzt zeigen
wall-on = { $count } von { $of } Schildern sind verbunden.
wall-troubled = { $count ->
    [one] Eines braucht einen Blick.
   *[other] { $count } brauchen einen Blick.
}
wall-running = Wird durchgesagt
wall-groups = Nur zeigen
wall-everyone = Alle
wall-order = Zuerst die, die einen Blick brauchen
wall-empty = Noch ist kein Schild da.
wall-empty-group = In dieser Gruppe ist kein Schild.
wall-claim = Ihr erstes Schild übernehmen
simulated = Oder 20 simulierte starten
simulated-why = Gib das auf einem Rechner ein, der den Simulator hat, mit deinem Passwort in einer Datei namens password. Eine Seite startet keine Programme.
wall-others = { $count ->
    [one] Ein weiteres zeigen
   *[other] { $count } weitere zeigen
}
wall-state-on = An
wall-state-off = Aus
wall-state-trouble = Braucht einen Blick
wall-off-since = Aus { $time }
mosaic-alt = { $count ->
    [one] Ein Schild, nach Zustand
   *[other] { $count } Schilder, je ein Feld, nach Zustand geordnet
}
mosaic-state = Zustand
mosaic-badges = Schilder

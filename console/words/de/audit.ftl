# Das Protokoll.

audit-why = Wer was getan hat, das Neueste zuerst. Jeder Eintrag hängt am vorigen, damit eine Änderung auffällt.
audit-verify = Auf Vollständigkeit prüfen
audit-export = Als Tabelle sichern
audit-action = Vorgang
audit-all = Alle zeigen
audit-none = Nichts ist so.
audit-house = Das System selbst
audit-someone = Jemand
audit-a-badge = Ein Schild
audit-a-program = Ein Programm
audit-whole = { $count ->
    [one] Der eine Eintrag ist, wie er geschrieben wurde.
   *[other] Alle { $count } Einträge sind, wie sie geschrieben wurden, und keiner fehlt.
}
audit-broken = Eintrag { $number } wurde verändert, oder der davor fehlt.
audit-short = Nur { $count } von { $of } Einträgen sind da: die neuesten fehlen.
audit-rewritten = Eintrag { $number }, der schon gesehen wurde, fehlt oder ist jetzt ein anderer.
audit-security = Sicherheitsereignisse
audit-action-hint = Etwa badge.revoke; mit einem Punkt am Ende der Anfang davon.

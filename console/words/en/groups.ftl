# Groups.

groups-none = There are no groups yet. A group is a set of badges that an announcement can be for.
groups-badges = { $count ->
    [one] One badge
   *[other] { $count } badges
}
groups-new = New group
groups-name = Name
groups-make = Make group
groups-taken = A group of this name exists already.
groups-members = Badges in it
groups-empty = No badge is in it yet.
groups-find-in = Find in it
groups-add = Add badges
groups-who = Codes or a name
groups-who-hint = Several codes at once, or part of a name or owner to choose from.
groups-which = Which of these?
groups-add-do = Add
groups-nothing-found = No badge has this code, name or owner.
groups-nothing-chosen = Choose at least one badge.
groups-take-out = Take badges out
groups-take-out-do = Take out
groups-change = The group itself
groups-rename = Rename
groups-dissolve = Dissolve …
groups-dissolve-why = The badges stay; announcements for this group end for those who were only in it.
groups-dissolve-yes = Dissolve it
said-group = { $what } was saved.
said-group-added = Added to { $what }.
said-group-removed = Taken out of { $what }.
said-group-dissolved = { $what } was dissolved.

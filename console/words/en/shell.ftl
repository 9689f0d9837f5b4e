# What is around every page.

skip-to-content = Skip to content
navigation = Main
live = Live
live-not-since = Not live since { $time }, trying again
live-signed-out = Signed out: sign in to go on
your-account = Your account, { $name }
remembered-only-badge = signed in for your badge only

place-my-badge = Your badge
place-wall = Wall
place-announcements = Announcements
place-badges = Badges
place-groups = Groups
place-people = People
place-access = Access
place-audit = Audit
place-settings = Settings

role-admin = Admin
role-manager = Manager
role-receptionist = Receptionist
role-auditor = Auditor

language = Language
theme = Theme
theme-auto = As on this device
theme-light = Light
theme-dark = Dark
look-save = Use this
said-look = Saved for this browser.
only-looks = You can look, not change.

# How far a badge has come with what it was sent.
state-pending = Pending
state-sent = Sent
state-held = Held
state-written = Written
state-shown = Shown
state-refused = Refused
state-expired = Expired
state-superseded = Superseded

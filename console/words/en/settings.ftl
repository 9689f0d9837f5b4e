# Settings, and search.

settings-yours = How it looks for you
settings-yours-why = Kept in this browser.
settings-moving = Pictures of panels
settings-moving-no = stand still
settings-moving-yes = move
settings-keys = Single keys
settings-keys-why = / searches, n begins an announcement.
settings-on = On
settings-off = Off
settings-server = This server
settings-server-why = Set when the server starts; see the documentation of its settings.
settings-admin-only = An admin sees how the server is set up.
settings-organization = Organization
settings-address = Address
settings-mqtt = Badges connect to
settings-database = Database
settings-encryption = Encryption
settings-version = Version
settings-data = Data folder
settings-tls = TLS
settings-plain = none: only this machine, or allowed by --allow-plaintext

search-title = Search
search-label = Badge, owner, group or announcement
search-do = Search
search-hint = A code such as B-7K2M, part of a name, or words of an announcement.
search-nothing = Nothing here is called “{ $text }”.

# What the authorization server asks.

sign-in-first = Please sign in first.
consent-title = Allow this?
consent-you-are = You are
consent-this-device = an application on this device
consent-asks = asks to:
consent-allow = Allow
consent-refuse = Refuse
consent-broken = This does not work
consent-broken-why = What the application asked is not right. Its makers should know:

scope-badges-read = See all badges and announcements
scope-badges-write = Register badges and change what they show
scope-badges-own = See and change what your badge shows
scope-announcements-write = Send announcements to badges
scope-users-admin = Manage people and their keys
scope-audit-read = Read the audit trail
scope-device-connect = Connect as a badge
scope-openid = Know who you are
scope-profile = Know your name
scope-email = Know your email address
scope-offline-access = Do this also while you are away

device-title = Connect a device
device-type = Type the six letters the device shows.
device-code = Code
device-go-on = Go on
device-wrong = No device shows this code now. It changes after five minutes.
device-wait = Too many wrong codes. Try again in { $seconds } s.
device-question = Is this your device?
device-unknown-model = A badge of unknown model
device-wants-in = wants to become a badge of your organization.
device-as-you = A command line wants to act as you, and to:
device-from = It asked from the network
device-only-if = Say yes only if you hold this device in your hands and started this yourself.
device-name = Its name (you can change it later)
device-yes = Yes, connect it
device-no = No
device-not-yours = Not yours to claim
device-not-yours-why = Only managers and admins may claim badges. Ask one of them.
device-refused = Refused
device-refused-why = The device is told so.
device-claimed = The badge is yours
device-claimed-why = It is { $name } now, { $code }. In a moment it shows its own line.
device-done = Done
device-done-why = Go back to your device; it is signed in.

leave-title = Sign out?
leave-done = Signed out
leave-done-why = You can close this page.

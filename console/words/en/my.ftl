# Your badge.

my-question = What should it say?
my-draft = This is how it will look
my-not-sent = Not sent yet
my-empty = Your badge has no line yet
my-emergency = An emergency takes the panel
my-comes-back = Your line comes back when it ends.
my-shown = On your badge now
my-on-its-way = On its way to your badge
my-waits = Kept for your badge
my-refused = Your badge could not take it
my-off-since = Your badge has been off since { $time }. We keep your line and show it when it is back.
my-never-on = Your badge was never switched on. We keep your line and show it when it is.
my-off-how = Hold the side button for 2 seconds.
my-shows-when-back = Shows when it is back
my-shown-in = Shown { $seconds } s
my-steps = How far your line has come
my-show = Show on my badge
my-back-to = Back to “{ $text }”
my-used = Used before
my-moves = How it moves
my-also = Also on your badge
my-also-normal = Announcement until { $time }. It takes turns with your line.
my-also-urgent = Urgent announcement until { $time }. It comes before your line.
my-none = You have no badge yet.
my-none-claim = Claim one
my-none-ask = Ask whoever looks after the badges to give you one.
try-again = Try again
play = Play
see = Show how it looks

moves-auto = As it fits
moves-still = Stands still
moves-scroll = Scrolls
speed = Speed
speed-slow = Slow
speed-normal = Normal
speed-fast = Fast

fit-still = Fits. Stands still, easy to read.
fit-moves = Does not fit at once: it moves past in { $seconds } s.
fit-repair = Remove it
fit-missing = No LED picture for { $letters }: it shows as a box.
fit-nothing-left = No LED picture for any of it: { $letters }.
fit-too-long = Too long for your badge. Leave out about { $count ->
    [one] one letter
   *[other] { $count } letters
}.
fit-slow = Reading it once takes { $seconds } s. Shorter is better.
fit-flashing = It flashes too fast and could harm people. Choose a slower speed.
fit-dark = Nothing in it lights up.
fit-clipped = Some dots lie above or below the panel and are cut off.
fit-other = Not easy to read like this.
fit-empty = Write what your badge should say.

conflict-title = Somebody changed your line meanwhile
conflict-mine = Yours
conflict-theirs = On your badge now
conflict-keep-mine = Keep mine
conflict-keep-theirs = Keep theirs

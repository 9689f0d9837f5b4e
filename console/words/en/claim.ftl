# Claiming the badge that shows a code.

claim-title = Claim a badge
claim-first = What does the badge show?
claim-next = Claim the next one
claim-code = Six letters
claim-letters = Six letters; A, E, I, O, U and Y never occur, nor do digits.
claim-hint = They stand on its panel. Spaces, hyphens and small letters do not matter.
claim-look = Go on
claim-printed = A badge shows its code when it is switched on and belongs to nobody. It changes after five minutes.
claim-impossible = That is no code: six letters, and no A, E, I, O, U, Y or digit.
claim-wrong = No badge shows this code now. { $count ->
    [0] That was the last try for five minutes.
    [one] One try left.
   *[other] { $count } tries left.
}
claim-wait = Too many wrong codes. Try again at { $time }.
claim-expired = This code ran out. The badge shows a new one now.
claim-ours = This badge is yours already: it is { $name }.
claim-foreign = This badge belongs to another organization. Only they can release it.
claim-refused = Somebody refused this badge. Switch it off and on, and it shows a new code.
claim-program = This is no badge but a program that waits to be signed in.
claim-device = Sign it in
claim-see = See the badge

claim-who = Is this the badge in your hand?
claim-same = Its panel shows this now
claim-compare = Hold the badge in your hand and compare, letter by letter. Only claim a badge you can see: somebody may have sent you the code of another one.
claim-first-seen = First seen
claim-network = Network
claim-network-yours = the same as yours
claim-network-other = It asks from another network than you. That is normal for mobile data or another building, and a warning sign if somebody sent you the code.
claim-ends = Its code works until
claim-silent = It has not been heard since { $time }: it may be off. If you claim it, it joins when it is back before its code ends.
claim-name = Name
claim-name-hint = The owner’s name when left empty, else the badge’s code.
claim-group = Group
claim-no-group = No group
claim-do = Claim badge
claim-not-mine = This is not mine
claim-shown-in = Shown { $seconds } s
claim-on-its-way = It has joined. Its first line is on its way.
claim-waits-for-it = Claimed. It joins within a few seconds.
claim-blinks = Does the badge in your hand blink and show this? If not, release it.
claim-release = Release (until { $time })
said-refused = The badge was told that it does not belong here.

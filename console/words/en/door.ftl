# Signing in and out, and what went wrong.

sign-in = Sign in
sign-in-title = Sign in
sign-in-email = Email
sign-in-password = Password
sign-in-remember = Stay signed in on this device for 90 days
sign-in-remember-why = Only to change your own badge, and only in this browser.
sign-in-again = This needs a recent sign-in. Please show that it is still you.
sign-in-wrong = The email or the password is wrong.
sign-in-wait = Too many tries. Please wait { $seconds } seconds.
sign-in-busy = Too many people sign in right now. Please try again.
said-no-badge = You are signed in. You own no badge, so not for 90 days.
sign-out = Sign out
said-signed-out = You are signed out.

trouble-request = If you ask for help, quote
trouble-home = To the start
trouble-forbidden = This is not for you
trouble-forbidden-why = Your role does not include this. An admin can change that.
trouble-remembered-why = This sign-in is only for your own badge. Sign in with your password to see more.
trouble-not-found = There is nothing here
trouble-not-found-why = Nothing has this address, or it is not yours to see.
trouble-input = That cannot be done like this
trouble-input-why = Something in what was sent is not right.
trouble-conflict = Someone was faster
trouble-conflict-why = It was changed meanwhile. Load the page again and look at both.
trouble-foreign = The form came from another site
trouble-foreign-why = Open the page here and send it again.
trouble-many = Too much at once
trouble-many-why = Please wait a moment and try again.
trouble-server = Something went wrong here
trouble-server-why = It is not your fault, and it was written down. Please try again.

"""Who is logged in: passwords, second factor, sessions, known devices, and the log of all that.

The order of a login: a password (`forms.LoginForm`), a code or a passkey where one is needed (`second_factor`), then
`logging_in.complete`. Until then nobody is logged in.
"""

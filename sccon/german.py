"""Words of Django's own that its German catalogue lacks or says badly: ours translates them.

They stand here only to be found by `./dev manage translations`. When a new Django brings a string without German, a test
names it.
"""

from django.utils.translation import gettext, gettext_noop, ngettext, ngettext_lazy, pgettext_lazy

LACKING = (
    gettext_noop("- Select an option -"),
    gettext_noop("“%(value)s” is not a valid binary value."),
    gettext_noop("%(model)s instance with %(field)s %(value)r is not a valid choice."),
    gettext_noop("No %s matches the given query."),
    gettext_noop('The app "%s" could not be found.'),
    ngettext_lazy("…and %(count)d more object.", "…and %(count)d more objects.", "count"),
    gettext_noop("Run"),
    gettext_noop("After you’ve created a user, you’ll be able to edit more user options."),
    gettext_noop("This action will <strong>enable</strong> password-based authentication for this user."),
    gettext_noop("Disable password-based authentication"),
    gettext_noop("Enable password-based authentication"),
    gettext_noop("Filter by %(field_name)s"),
    gettext_noop("Pagination %(name)s entries"),
    gettext_noop("Pagination %(name)s"),
    gettext_noop("Search %(name)s"),
    gettext_noop("Logout"),
    gettext_noop("Conflicting form data submitted. Please try again."),
    gettext_noop("Password-based authentication was disabled."),
    gettext_noop("Set password: %s"),
    gettext_noop("Reset password"),
    gettext_noop("Set password"),
    gettext_noop(
        "Whether the user will be able to authenticate using a password or not. If disabled, they may still be able "
        "to authenticate using other backends, such as Single Sign-On or LDAP."
    ),
    gettext_noop("Password-based authentication"),
    gettext_noop("Enabled"),
    gettext_noop("Disabled"),
    gettext_noop("Raw passwords are not stored, so there is no way to see the user’s password."),
    gettext_noop("Enable password-based authentication for this user by setting a password."),
    pgettext_lazy("Task", "Ready"),
    pgettext_lazy("Task", "Running"),
    pgettext_lazy("Task", "Failed"),
    pgettext_lazy("Task", "Successful"),
)

# What its scripts say (`of_scripts`).
OF_SCRIPTS = (
    gettext_noop('Choose %s by selecting them and then select the "Choose" arrow button.'),
    gettext_noop("Choose all %s"),
    gettext_noop("Choose selected %s"),
    gettext_noop("Remove selected %s"),
    gettext_noop('Remove %s by selecting them and then select the "Remove" arrow button.'),
    gettext_noop("(click to clear)"),
    gettext_noop("Remove all %s"),
    gettext_noop(
        "You have selected an action, and you haven’t made any changes on individual fields. You’re probably looking "
        "for the Run button rather than the Save button."
    ),
    gettext_noop("server"),
    gettext_noop("Today (%(date)s)"),
    gettext_noop("Yesterday (%(date)s)"),
    gettext_noop("Tomorrow (%(date)s)"),
    gettext_noop("Previous (%(month)s %(year)s)"),
    gettext_noop("Next (%(month)s %(year)s)"),
    gettext_noop("%(month)s %(day)s, %(year)s"),
    gettext_noop("%s (today, current selection)"),
    gettext_noop("%s (today)"),
    gettext_noop("%s (current selection)"),
)

BETTER = (
    gettext_noop("Breadcrumbs"),
    gettext_noop("Save and continue editing"),
    gettext_noop("Save and add another"),
    gettext_noop("Save and view"),
    gettext_noop("Save as new"),
    gettext_noop("%(app)s administration"),
    gettext_noop("Authentication and Authorization"),
    gettext_noop("Change selected %(model)s"),
    gettext_noop("Delete selected %(model)s"),
    gettext_noop("View selected %(model)s"),
    gettext_noop("Enter the same password as before, for verification."),
    gettext_noop("Your password can’t be too similar to your other personal information."),
    gettext_noop("The password is too similar to the %(verbose_name)s."),
    gettext_noop(
        "Please enter your old password, for security’s sake, and then enter your new password twice so we can verify "
        "you typed it in correctly."
    ),
)


def of_scripts() -> dict[str, str | list[str]]:
    """What Django's scripts ask for, in the language that is active."""
    ahead = [
        ngettext(
            "Note: Enter times in the %(timezone)s timezone. (You are %(offset)s hour ahead.)",
            "Note: Enter times in the %(timezone)s timezone. (You are %(offset)s hours ahead.)",
            number,
        )
        for number in (1, 2)
    ]
    behind = [
        ngettext(
            "Note: Enter times in the %(timezone)s timezone. (You are %(offset)s hour behind.)",
            "Note: Enter times in the %(timezone)s timezone. (You are %(offset)s hours behind.)",
            number,
        )
        for number in (1, 2)
    ]
    return {
        **{words: gettext(words) for words in OF_SCRIPTS},
        "Note: Enter times in the %(timezone)s timezone. (You are %(offset)s hour ahead.)": ahead,
        "Note: Enter times in the %(timezone)s timezone. (You are %(offset)s hour behind.)": behind,
    }

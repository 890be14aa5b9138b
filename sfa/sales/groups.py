"""Fields that several kinds of records share: addresses, ways to reach people, what they wish and do not want, whose a record is."""

from __future__ import annotations

from sfa.messages import say
from sfa.sales.fields import Field

FORECAST_COLUMNS = ("commit", "most_likely", "best_case")
"""The cumulative columns that a manager may adjust."""
WANTED_CHANNELS = ("call", "email", "visit", "meeting", "letter", "fax", "chat")
"""The kinds of activities by which a person may want to be contacted."""
ALSO_CALLED = {"phone": "call", "telephone": "call", "e_mail": "email", "mail": "email", "sms": "chat", "whatsapp": "chat"}
"""What people call kinds of activities and channels besides."""

EXTERNAL = Field("external_id", "external", "external id")
OWNER = Field("owner", "ref", to="user", listed=True, option=True, default="me")
SOURCE = Field("source", option=True)
ORIGIN = (SOURCE, Field("campaign", option=True))
CURRENCY = Field("currency", "currency", option=True)
TARGET = (
    Field("owner", "ref", to="user", required=True, listed=True, option=True),
    Field("period", "period", required=True, listed=True, option=True),
)
MANAGED = (
    Field("manager", "ref", to="user", listed=True, option=True),
    Field("column", "choice", choices=FORECAST_COLUMNS, required=True, listed=True),
)
NOTED = (Field("note", listed=True), Field("made", "stamp", required=True, listed=True))
ADDRESS = (
    Field("street", personal=True),
    Field("city", personal=True),
    Field("postal_code", label="postal code", personal=True),
    Field("state", personal=True),
    Field("country", option=True),
)
OPTOUTS = (
    Field("opt_out_email", "optout", "no e-mail", sticky=True),
    Field("opt_out_phone", "optout", "no calls", sticky=True),
    Field("opt_out_mail", "optout", "no letters", sticky=True),
    Field("opt_out_sms", "optout", "no text messages", sticky=True),
    Field("opt_out_visit", "optout", "no visits", sticky=True),
    Field("do_not_contact", "optout", "do not contact", sticky=True),
)
OPT_OUTS = tuple(f.name for f in OPTOUTS)
PERSON = (
    Field("name", required=True, personal=True, listed=True),
    Field("first_name", label="first name", personal=True),
    Field("last_name", label="last name", personal=True),
)


def written(phone: str, personal: bool = False) -> Field:
    """What keeps a phone number as it was written, where that is not how it is kept."""
    return Field(f"{phone}_written", label=say("{phone} as written", phone=phone.replace("_", " ")), personal=personal, managed=True)


def reach(listed: bool) -> tuple[Field, ...]:
    return (
        Field("title", personal=True, listed=listed, option=True),
        Field("email", "email", personal=True, listed=True, option=True),
        Field("other_emails", "email", "other e-mails", many=True, personal=True),
        Field("phone", "phone", personal=True, listed=listed, option=True),
        Field("mobile", "phone", personal=True),
        Field("other_phones", "phone", "other phones", many=True, personal=True),
        *(written(name, personal=True) for name in ("phone", "mobile", "other_phones")),
    )


WISHES = (
    Field("cadence", "cadence", personal=True, option=True),
    Field("channel", "choice", "wanted channel", choices=WANTED_CHANNELS, personal=True, option=True),
    Field("language", personal=True, option=True),
    Field("times", label="good times", personal=True, option=True),
    Field("birthday", "birthday", personal=True, option=True),
)
"""How a contact wants to be contacted, and the day to think of them."""

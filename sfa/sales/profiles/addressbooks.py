"""Address books: LinkedIn's connections, Google's contacts (the older headers and the present ones), Outlook's."""

from sfa.sales.profiles.profile import Profile


def _numbered(form: str, first: int, last: int) -> str:
    return " | ".join(form.format(n) for n in range(first, last + 1))


def _person(company: str, more: dict[str, str]) -> dict[str, dict[str, str]]:
    """The headers of people, who may be contacts or leads."""
    return {"contact": {**more, "account": company}, "lead": {**more, "company": company, "website": "web page | website 1 - value"}}


LINKEDIN = Profile(
    "linkedin",
    "LinkedIn",
    "!connected on",
    _person("company", {"title": "position", "email": "email address", "external_id": "url", "": "connected on"}),
)

GOOGLE = Profile(
    "google",
    "Google Contacts",
    "!e-mail 1 - value | !phone 1 - value | !organization 1 - name | !e-mail 1 - label | !e-mail 1 - type | group membership | file as"
    " | given name | family name | organization name",
    _person(
        "organization name | organization 1 - name",
        {
            "name": "name | file as",
            "first_name": "first name | given name",
            "last_name": "last name | family name",
            "title": "organization title | organization 1 - title",
            "email": "e-mail 1 - value",
            "other_emails": _numbered("e-mail {} - value", 2, 6),
            "phone": "phone 1 - value",
            "other_phones": _numbered("phone {} - value", 2, 6),
            "street": "address 1 - street | address 1 - formatted",
            "city": "address 1 - city",
            "state": "address 1 - region",
            "postal_code": "address 1 - postal code",
            "country": "address 1 - country",
            "description": "notes",
            "": "labels | group membership | photo | nickname",
        },
    ),
)

OUTLOOK = Profile(
    "outlook",
    "Outlook",
    "!e-mail address | !e-mail 2 address | !business street | business phone | job title | home street | business city | e-mail type"
    " | e-mail display name | web page | categories | !straße geschäftlich | !telefon geschäftlich | !ort geschäftlich"
    " | !rückmeldung | !e-mail 2: adresse",
    _person(
        "company | firma",
        {
            "": "title | suffix | nickname | categories | anrede | kategorien | rückmeldung",
            "title": "job title | position",
            "email": "e-mail address | e-mail-adresse",
            "other_emails": "e-mail 2 address | e-mail 3 address | e-mail 2: adresse | e-mail 3: adresse",
            "phone": "business phone | company main phone | primary phone | telefon geschäftlich | telefon firma | haupttelefon",
            "mobile": "mobile phone | mobiltelefon",
            "other_phones": (
                "business phone 2 | home phone | home phone 2 | other phone | assistant's phone | car phone | telefon geschäftlich 2"
                " | telefon privat | telefon (privat) | telefon privat 2 | telefon (privat 2) | weiteres telefon | autotelefon"
            ),
            "street": "business street | straße geschäftlich",
            "city": "business city | ort geschäftlich",
            "state": "business state | region geschäftlich | bundesland/kanton geschäftlich",
            "postal_code": "business postal code | postleitzahl geschäftlich",
            "country": "business country/region | business country | land/region geschäftlich",
            "description": "notes | notizen",
        },
    ),
)

"""The files of another product's whole export: which kind of record each holds, and in which order they are loaded. How a file of a kind is
read is in `recipes.py`.

Pure: names and headers in, plans out. Which header is which field in general is in `aliases.py`; files are opened in `commands/`.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

from sfa.messages import say
from sfa.sales.kinds import KINDS, Kind
from sfa.sales.mapping import plain
from sfa.sales.values import TRUE

ORDER = (
    "user",
    "pipeline",
    "stage",
    "reason",
    "account",
    "contact",
    "product",
    "opportunity",
    "opportunity_contact",
    "lead",
    "activity",
    "history",
)
"""The kinds in the order in which they are loaded: what others refer to first."""

_NAMED = {
    "user": "user users owner owners salesteam salesteams salesrep salesreps seller sellers employee employees 用户 员工 销售人员",
    "pipeline": "pipeline pipelines dealpipeline dealpipelines",
    "stage": "stage stages dealpipelinestage dealpipelinestages pipelinestage pipelinestages opportunitystage opportunitystages",
    "account": "account accounts company companies organization organizations organisation organisations customer customers 客户 公司 顧客",
    "contact": "contact contacts person persons people respartner contactrespartner 联系人 担当者",
    "product": "product products product2 products2 产品",
    "reason": "reason reasons lossreason lossreasons",
    "opportunity": "opportunity opportunities opp opps deal deals salespipeline crmlead leadopportunitycrmlead 商机 销售机会 案件",
    "opportunity_contact": "opportunitycontactrole opportunitycontactroles dealcontact dealcontacts opportunitycontact opportunitycontacts",
    "lead": "lead leads 线索 销售线索 潜在客户",
    "activity": "task tasks event events activity activities call calls meeting meetings note notes"
    " appointment appointments phonecall phonecalls engagementcall engagementmeeting"
    " engagementnote engagementtask engagementemail 活动 跟进记录",
    "history": "opportunityhistory opportunityfieldhistory history fieldhistory stagehistory dealstage dealpropertyhistory",
}
_KINDS = {name: kind for kind, names in _NAMED.items() for name in names.split()}
PARENTS = ("parentidid", "parentid", "relatedtoid", "relatedto", "regardingid", "regarding", "regardingobjectid", "seid")
"""Columns of activities that name a record of any kind, plain."""
ABOUT = {
    "opportunity": (
        "recordid id 商机编号 商机id dealid potentialid opportunityid donotmodifyopportunity",
        "dealname potentialname opportunityname topic name",
    ),
    "contact": ("recordid id externalid 联系人编号 联系人id contactid personid donotmodifycontact", "contactname fullname name"),
    "account": (
        "recordid id externalid 客户编号 客户id accountid companyid organizationid donotmodifyaccount",
        "accountname companyname name",
    ),
    "lead": ("recordid id leadid donotmodifylead", "leadname fullname name"),
}
"""What files of records that an activity is about call their ids and names, plain."""
USERS = "recordid id userid ownerid donotmodifyuser"
"""What a file of users calls their ids, plain."""
CAMPAIGNS = ("campaign", "campaigns")
MEMBERS = ("campaignmember", "campaignmembers")
CAMPAIGN = ("id recordid campaignid donotmodifycampaign campaignrecordid", "name campaignname")
"""What a file of campaigns calls their ids and names, plain."""
MEMBER = (
    "campaignid campaign campaignname",
    "leadid lead",
    "contactid contact",
    "leadorcontactid memberid",
    "firstrespondeddate createddate memberfirstassociateddate createdtime",
)
"""What a file of campaigns' members calls the campaign, the lead, the contact, either of them, and when they became one."""
_ELSEWHERE = {
    **dict.fromkeys((*CAMPAIGNS, *MEMBERS), "campaigns are known by their names alone"),
    **dict.fromkeys(("pricebook", "pricebook2", "pricebookentry", "pricebookentries"), "price books are not kept here"),
    **dict.fromkeys(
        ("opportunitylineitem", "opportunitylineitems", "lineitem", "lineitems"),
        "line items are not kept here; a deal has the product of its first one",
    ),
    **dict.fromkeys(("case", "cases", "ticket", "tickets"), "service cases are not kept here"),
    **dict.fromkeys(("attachment", "attachments", "contentversion", "document"), "files are not kept here"),
}
"""Files that we know and do not take: why."""
_DECORATION = (
    r"(?i)^(?:sf|hubspot|hs|salesforce|crm|export|exports|all|my)(?=[-_ ])"
    r"|[-_ ](?:data|export|exports|extract|all|seed)$|[-_ ]?\(?\d[\d\-_. ]*\)?(?:[AaPp][Mm])?$"
)
_PARTS = r"^(?:companies|people|opportunities|leads) of (?=.)"
"""What stands before a file's name where it is a part of one."""
_SHOWING = (
    (
        "history",
        ({"opportunityid", "dealid"}, {"stagename", "field", "stage", "dealstage"}, {"createddate", "changed", "timestamp", "dateentered"}),
    ),
    ("opportunity_contact", ({"opportunityid", "dealid"}, {"contactid"}, {"role", "isprimary", "typeid"})),
    ("opportunity", ({"stagename", "dealstage", "stage", "dealstagename"}, {"amount", "closedate", "dealamount", "closevalue"})),
    ("activity", ({"whoid", "whatid"}, {"subject"})),
    ("lead", ({"company"}, {"lastname", "name"}, {"leadstatus", "status", "isconverted", "leadsource"})),
    ("contact", ({"lastname"}, {"accountid", "mailingstreet", "associatedcompany", "associatedcompanyids", "companyname"})),
    ("user", ({"username", "isactive"}, {"email"}, {"profileid", "userroleid", "managerid", "lastname"})),
    ("account", ({"billingcity", "billingstreet", "companydomainname", "accountname"}, {"name", "accountname", "companyname"})),
)
"""What a file's header shows where its name says nothing: one of each set."""

CALLED: dict[str, dict[str, str]] = {
    "user": {"external_id": "owner id | user id"},
    "account": {
        "website": "domain",
        "postal_code": "zip",
        "street": "address",
        "annual_revenue": "annualrevenue",
        "external_id": "company id | account id | organization id | customer id",
    },
    "contact": {
        "title": "jobtitle",
        "mobile": "mobilephone",
        "account": "company | associated company ids",
        "external_id": "contact id | person id | vid",
        "campaign": "campaign id",
    },
    "lead": {"campaign": "campaign id", "external_id": "lead id"},
    "product": {"code": "sku", "external_id": "product id"},
    "pipeline": {"name": "label"},
    "stage": {"name": "label | stage name | masterlabel", "pipeline": "pipeline id", "order": "display order | sortorder"},
    "opportunity": {
        "name": "dealname",
        "stage": "dealstage | deal pipeline stage id",
        "pipeline": "deal pipeline id",
        "close": "closedate",
        "opened": "createdate",
        "account": "associated company ids",
        "owner": "hubspot owner id",
        "type": "dealtype",
        "campaign": "campaign id",
    },
    "opportunity_contact": {"opportunity": "opportunity id | deal id", "contact": "contact id", "role": "role"},
    "activity": {
        "external_id": "engagement id",
        "owner": "hubspot owner id",
        "when": "hs timestamp",
        "text": "hs note body | body | title | hs body preview",
    },
}
"""What the tables behind other products call our fields, besides the headers of their exports: kind → field → names."""


def kind_called(word: str) -> str:
    """The kind that other products, or people, call this: deals, companies, 客户; "" where it is none."""
    return _KINDS.get(plain(word), "")


class Part(NamedTuple):
    """The rows of a file that are records of one kind: those whose cell at a place is one of some words (plain), or is none of them."""

    kind: str
    called: str
    place: int
    words: frozenset[str]
    inside: bool

    def has(self, cells: Sequence[str]) -> bool:
        """Whether a row is one of them."""
        return (self.place < len(cells) and plain(cells[self.place]) in self.words) == self.inside


class Seen(NamedTuple):
    """A file as it was found: its name in the bundle, its headers, a few rows, what it holds where that is no table of rows, and which of
    its rows are meant (None: all)."""

    name: str
    header: Sequence[str]
    rows: Sequence[Sequence[str]]
    form: str = ""
    part: Part | None = None


LINKS = {
    "opportunitycontactrole": ("opportunity", "contact", "opportunityid", "contactid", "isprimary"),
    "opportunitylineitem": ("opportunity", "product", "opportunityid", "product2id", ""),
    "lineitems": ("opportunity", "product", "associateddealids", "productid", ""),
    "lineitem": ("opportunity", "product", "dealid", "productid", ""),
    "dealcompany": ("opportunity", "account", "dealid", "companyid", ""),
    "contactcompany": ("contact", "account", "contactid", "companyid", ""),
    "engagementdeal": ("activity", "opportunity", "engagementid", "dealid", ""),
    "engagementcontact": ("activity", "contact", "engagementid", "contactid", ""),
    "engagementcompany": ("activity", "account", "engagementid", "companyid", ""),
}
"""Files of links by their stem: whose field they give, the columns of the two ids, the column that says which row counts ("": all)."""


class Facts(NamedTuple):
    """What the bundle as a whole says: whether short ids (15 characters) are among those of 18, what files of links say of fields ((kind,
    field) → id of a record → id in it), the names of pipelines, stages and campaigns by id, the kinds that it has files of,
    where a file of activities needs it, the kind of record that an id or a name is of ("": of several), the ids of records that
    were deleted there, and, where files have ids beside names, the ids of each kind's records."""

    short_ids: bool = False
    links: dict[tuple[str, str], dict[str, str]] = {}
    pipelines: dict[str, str] = {}
    stages: dict[str, str] = {}
    campaigns: dict[str, str] = {}
    kinds: frozenset[str] = frozenset()
    whose: dict[str, str] = {}
    deleted: frozenset[str] = frozenset()
    ids: dict[str, frozenset[str]] = {}


def beside(header: str) -> tuple[str, ...]:
    """What a column of ids beside one of names may be called, plain: Account Name.id, Account ID, Deal - Organization ID."""
    thing = header.removesuffix("name").removesuffix("名称")
    return f"{header}id", f"{thing}id", f"{thing}编号", f"{header}externalid"


def is_id(text: str) -> bool:
    """Whether a text is what another system calls a record rather than a name: figures, Salesforce's ids, UUIDs."""
    return bool(_ID.fullmatch(text) and re.search(r"\d", text))


_ID = re.compile(r"\d+|[A-Za-z0-9]{15}(?:[A-Za-z0-9]{3})?|\{?[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}\}?")

# Recognition ------------------------------------------------------------------------------------------------------------------------


def stem(name: str) -> str:
    """A file's name without folder, endings, dates and what exporters put around the name of the thing, plain."""
    text = re.sub(_PARTS, "", re.split(r"[\\/]", name)[-1])
    text = re.sub(r"(?i)(\.(csv|tsv|txt|gz|xlsx|json|ndjson|jsonl|vcf|vcard|ics))+$", "", text)
    before = ""
    while text != before:
        before, text = text, re.sub(_DECORATION, "", text.strip("-_ "))
    return plain(re.sub(r"(?i)^exports[-_ ]?", "", text))


def field_names(header: Sequence[str]) -> list[str]:
    """The headers without what tables behind HubSpot put in front."""
    return [re.sub(r"(?i)^property_", "", h) for h in header]


def kind_of_file(seen: Seen) -> tuple[str, str]:
    """(the kind of record that a file holds, "") or ("", why it is left out)."""
    name, heads = stem(seen.name), {plain(h) for h in field_names(seen.header)}
    if not seen.rows:
        return "", "it has no rows"
    if name in _ELSEWHERE:
        return "", _ELSEWHERE[name]
    if name in LINKS and name not in _KINDS:
        return "", "its links are taken where its records have no column for them"
    if seen.form:
        return ("activity" if seen.form == "iCalendar" else "lead" if _KINDS.get(name) == "lead" else "contact"), ""
    kind = _marked(seen.header) or _KINDS.get(name, "")
    if not kind and not re.search(r"(history|relation|share|feed|member|audit|role|group|option|property|merged)$", name):
        kind = next((k for k, sets in _SHOWING if all(heads & s for s in sets)), "") or _of_product(seen.header)
    if not kind:
        return "", "there is no kind of record for it"
    if kind != "history" and not _fits(KINDS[kind], heads) and kind != _of_product(seen.header):
        return "", say("it has no column that names {plural}", plural=KINDS[kind].plural or kind)
    return kind, ""


def parts(seen: Seen, kind: str) -> list[Seen]:
    """A file as the parts that are records of two kinds, as Odoo has companies and people, leads and opportunities, in one; else itself."""
    heads = [plain(h) for h in seen.header]
    at = next((heads.index(n) for n in ("isacompany", "iscompany", "companytype") if n in heads), -1)
    found = []
    if at >= 0 and kind in ("account", "contact"):
        words = frozenset({*TRUE, "company"})
        found = [Part("account", "companies", at, words, True), Part("contact", "people", at, words, False)]
    elif kind in ("lead", "opportunity") and "type" in heads:
        at = heads.index("type")
        if {plain(row[at]) for row in seen.rows if at < len(row)} <= {"lead", "opportunity"}:
            lead = frozenset({"lead"})
            found = [Part("opportunity", "opportunities", at, lead, False), Part("lead", "leads", at, lead, True)]
    folder, name = re.fullmatch(r"(.*[\\/])?([^\\/]*)", seen.name).groups("")  # type: ignore[union-attr]
    named = [
        seen._replace(
            name=say("{folder}{called} of {sub}", folder=folder, called=p.called, sub=re.sub(_PARTS, "", name)),
            rows=[r for r in seen.rows if p.has(r)],
            part=p,
        )
        for p in found
    ]
    return [s for s in named if s.rows] if found else [seen]


def _marked(header: Sequence[str]) -> str:
    """The kind that Dynamics' column of ids says: `(Do Not Modify) Lead`."""
    found = (re.fullmatch(r"(?i)\(do not modify\) (.+)", h.strip()) for h in header)
    return next((_KINDS[word] for f in found if f and (word := plain(f[1])) in _KINDS), "")


def _of_product(header: Sequence[str]) -> str:
    """The kind whose names in a recognised product's profile most of a file's headers are, "" where no product or no one kind is known."""
    from sfa.sales import profiles

    profile, heads = profiles.recognise(header), {plain(h) for h in header}
    if not profile:
        return ""
    needed = {"opportunity": ("name", "stage"), "activity": ("text", "when"), "account": ("name",)}
    found: dict[str, int] = {}
    for kind, fields in profile.headers.items():
        fed = {f for f in fields if f and any(plain(n) in heads for n in profiles.names_of(profile, kind, f))}
        enough = all(n in fed for n in needed.get(kind, ())) and (kind not in ("contact", "lead") or fed & {"name", "last_name", "email"})
        if enough and kind in _NAMED:
            found[kind] = len(fed)
    best = [k for k, n in found.items() if n == max(found.values())]
    if set(best) == {"contact", "lead"}:
        best = ["contact"]  # an address book
    return best[0] if len(best) == 1 and found[best[0]] > 2 else ""


def _fits(kind: Kind, heads: set[str]) -> bool:
    """Whether a header has what a record of `kind` cannot do without."""
    from sfa.sales.profiles import aliases

    def found(name: str) -> bool:
        field = kind.by_name.get(name)
        if field is None:
            return False
        names = {
            plain(n)
            for n in (field.name, field.title, *aliases(kind.name, field.name), *CALLED.get(kind.name, {}).get(name, "").split(" | "))
        }
        return bool(names & heads)

    needed: dict[str, tuple[tuple[str, ...], ...]] = {
        "opportunity_contact": (("opportunity",), ("contact",)),
        "activity": (("text", "external_id"), ("when", "external_id")),
        "opportunity": (("name", "external_id"), ("stage", "amount", "close")),
    }
    return all(any(map(found, names)) for names in needed.get(kind.name, (("name", "last_name", "email", "external_id"),)))


def explicit(kind: Kind, header: Sequence[str], used: set[str]) -> dict[int, str]:
    """Place → field of the columns that only `CALLED` knows; a field takes the first."""
    out: dict[int, str] = {}
    taken = set(used)
    for name, names in CALLED.get(kind.name, {}).items():
        for called in names.split(" | "):
            at = next((i for i, h in enumerate(header) if plain(h) == plain(called) and i not in out), -1)
            if at >= 0 and name not in taken and name in kind.by_name:
                out[at] = name
                taken.add(name)
    return out

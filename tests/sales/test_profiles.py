"""Profiles: each product's header row is recognised and maps what there is a field for; the tables name fields and values that exist."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest
from exports import folder_of

from sfa.errors import UsageError
from sfa.sales import profiles
from sfa.sales.kinds import KINDS, Kind
from sfa.sales.mapping import Map, match
from sfa.sales.profiles.europe import VALUES
from sfa.sales.rows import long_id
from sfa.sales.values import choose
from sfa.store.migrations import DEFAULT_STAGES

# Product, kind, header; then the field of each column in its order, - where there is none.
HEADERS = """
salesforce | contact
Id,IsDeleted,AccountId,LastName,FirstName,Name,MailingStreet,MailingCity,MailingPostalCode,Phone,HomePhone,Email,OwnerId,SystemModstamp
external_id - account last_name first_name name street city postal_code phone other_phones email owner -

salesforce | opportunity
Opportunity Name,Account Name,Stage,Amount,Close Date,Probability (%),Fiscal Period,Age,Created Date,Opportunity Owner,Next Step
name account stage amount close probability - - opened owner next_step

salesforce | lead
Lead ID,First Name,Last Name,Company / Account,Email,Lead Owner,Lead Status,Owner ID,Created Date
external_id first_name last_name company email - status owner created

hubspot | opportunity
Record ID,Deal Name,Deal Stage,Amount,Deal owner,Close Date,Create Date,Last Activity Date
external_id name stage amount owner close opened -

hubspot | contact
Record ID,First Name,Last Name,Email,Phone Number,Contact owner,Lifecycle Stage,Associated Company,Country/Region,Job Title
external_id first_name last_name email phone owner - account country title

hubspot | contact
Record ID,Email,Contact owner,Lifecycle Stage,Country/Region,Last Activity Date
external_id email owner - country -

hubspot | account
Record ID,Company name,Domain,Company owner,Industry
external_id name website owner industry

hubspot | lead
hs_object_id,firstname,lastname,email,company,lifecyclestage,hubspot_owner_id,createdate
external_id first_name last_name email company status owner created

hubspot | activity
Record ID,Note body,Activity date,Activity assigned to,Associated Contact,Associated Company,Associated Deal,Create date
external_id text when owner contact account opportunity -

pipedrive | activity
Note - ID,Note - Content,Note - Add time,Note - User,Note - Deal,Note - Person,Note - Organization
external_id text when owner opportunity contact account

zoho | activity
Record Id,Note Owner.id,Note Owner,Note Title,Note Content,Parent ID.id,Parent ID,Created Time
external_id - owner - text - - when

outlook | contact
Anrede,Vorname,Nachname,Firma,Position,Straße geschäftlich,Ort geschäftlich,Postleitzahl geschäftlich,Land/Region geschäftlich
- first_name last_name account title street city postal_code country

outlook | contact
Telefon geschäftlich,Telefon (privat),Mobiltelefon,E-Mail-Adresse,E-Mail 2: Adresse,Notizen,Nachname
phone other_phones mobile email other_emails description last_name

eastasia | opportunity
商机编号,商机名称,客户名称,联系人,预计金额,币种,销售阶段,赢率,预计成交日期,负责人,创建时间,输单原因,竞争对手
external_id name account contact amount currency stage probability close owner opened reason competitor

eastasia | activity
跟进时间,跟进方式,跟进内容,客户名称,联系人,跟进人
when kind text account contact owner

pipedrive | contact
Person - Name,Person - Organization,Person - Email - Work,Person - Email - Home,Person - Phone - Work,Person - Owner
name account email other_emails phone owner

pipedrive | contact
Person - Name*,Person - First name,Person - Last name,Person - Phone,Person - Email (Work),Person - Email (Home),Organization - Name*
name first_name last_name phone email other_emails account

pipedrive | opportunity
Deal - ID,Deal - Title,Deal - Value,Deal - Currency,Deal - Organization,Deal - Contact person,Deal - Stage,Deal - Owner
external_id name amount currency account contact stage owner

pipedrive | opportunity
Title,Value,Organization,Contact person,Expected close date,Stage,Owner,Won time,Lost reason,Currency of value
name amount account contact close stage owner closed reason currency

zoho | lead
Record Id,Lead Owner.id,Lead Owner,Company,First Name,Last Name,Designation,Email,Lead Status,No. of Employees,Created Time,Zip Code
external_id - owner company first_name last_name title email status employees created postal_code

zoho | opportunity
Deal Id,Deal Owner Id,Deal Owner,Amount,Deal Name,Closing Date,Account Name,Stage,Created Time,Modified Time,Contact Name
external_id - owner amount name close account stage opened - contact

dynamics | contact
(Do Not Modify) Contact,(Do Not Modify) Row Checksum,(Do Not Modify) Modified On,Full Name,Email,Company Name,Business Phone,Job Title
external_id - - name email account phone title

dynamics | opportunity
(Do Not Modify) Opportunity,(Do Not Modify) Row Checksum,(Do Not Modify) Modified On,Topic,Potential Customer,Est. Close Date,Est. Revenue
external_id - - name account close amount

dynamics | account
accountid,name,telephone1,websiteurl,address1_city,address1_country,revenue,statecode
external_id name phone website city country annual_revenue -

odoo | lead
id,name,type,contact_name,partner_name,email_from,function,country_id,city,zip,street,phone,user_id,create_date
external_id - - name company email title country city postal_code street phone owner created

odoo | opportunity
External ID,Opportunity,Contact Name,Customer,Email,Salesperson,Expected Revenue,Stage,Expected Closing,Probability
external_id name contact account - owner amount stage close probability

odoo | contact
External ID,Name,Is a Company,Related Company,Job Position,Email,Phone,Mobile,Salesperson,Tags
external_id name - account title email phone mobile owner -

suitecrm | opportunity
Opportunity Name,ID,Type,Account Name,Lead Source,Opportunity Amount,Expected Close Date,Sales Stage,Probability (%),Assigned User
name external_id type account source amount close stage probability owner

linkedin | contact
First Name,Last Name,URL,Email Address,Company,Position,Connected On
first_name last_name external_id email account title -

linkedin | lead
First Name,Last Name,URL,Email Address,Company,Position,Connected On
first_name last_name external_id email company title -

google | contact
Name,Given Name,Family Name,Notes,Group Membership,E-mail 1 - Type,E-mail 1 - Value,E-mail 2 - Value,Phone 1 - Value,Organization 1 - Name
name first_name last_name description - - email other_emails phone account

google | contact
First Name,Last Name,Organization Name,Organization Title,Notes,Labels,E-mail 1 - Label,E-mail 1 - Value,Phone 1 - Value,Phone 2 - Value
first_name last_name account title description - - email phone other_phones

outlook | contact
Title,First Name,Last Name,Company,Job Title,Business Street,Business City,Business Country/Region,Business Phone,E-mail Address
- first_name last_name account title street city country phone email

eastasia | lead
客户名称,联系人,电话,邮箱,来源,状态,优先级,预估金额,备注
company name phone email source status rating - description

eastasia | opportunity
ID,标题,来源,客户ID,客户名称,联系人ID,联系人名称,预估金额,概率,状态,备注,创建时间,更新时间
external_id name source - account - contact amount probability stage description opened -

eastasia | account
客户编号,客户名称,联系人,电话,地址,备注
external_id name - phone street description

eastasia | account
客户名称,联系人,省,市,区,地址,账户状态,创建时间
name - state city - street - -

eastasia | opportunity
商机名称,客户名称,预计成交日期,销售阶段,负责人,预估金额,币种
name account close stage owner amount currency

eastasia | opportunity
sc,客層,状態,地域,顧客,部署,氏名,機種,金額,予算,確度,期待額,申請時期,確定時期,発注時期,代理店,状況,担当,更新日
- - stage - account - contact product amount - probability - opened closed close - description owner -
"""
CASES = [block.split("\n") for block in HEADERS.strip().split("\n\n")]


@pytest.mark.parametrize(("what", "header", "fields"), CASES, ids=[f"{c[0]} {c[1][:20]}" for c in CASES])
def test_a_products_header(what: str, header: str, fields: str) -> None:
    product, kind = what.split(" | ")
    columns = header.split(",")
    profile = profiles.recognise(columns)
    assert profile and profile.name == product
    plan = match(KINDS[kind], columns, [], Map(), profile)
    found = {c.at: c.field.name for c in plan.columns}
    assert [found.get(i, "-") for i in range(len(columns))] == fields.split(" ")


@pytest.mark.parametrize(
    "header", ["Name,Company,Email,Lead Source,Shoe size", "name,email,phone,company,title", "Id,Name", "id,amount,stage,close", ""]
)
def test_other_headers_are_no_products(header: str) -> None:
    assert profiles.recognise(header.split(",")) is None


def test_a_profile_by_name() -> None:
    assert profiles.called("HubSpot ").name == "hubspot"  # type: ignore[union-attr]
    assert profiles.called("none") is None
    with pytest.raises(UsageError, match="there is no profile 'sap'"):
        profiles.called("sap")


@pytest.mark.parametrize("name", profiles.every())
def test_the_tables_name_what_there_is(name: str) -> None:
    profile = profiles.every()[name]
    for kind, fields in profile.headers.items():
        assert set(fields) - {""} <= {f.name for f in KINDS[kind].fields}, kind
        names = [profiles.plain(n) for field in fields for n in profiles.names_of(profile, kind, field)]
        assert "" not in names
    for kind, values in profile.values.items():
        for field, ours in values.items():
            for value in filter(None, ours.values()):
                known = KINDS[kind].field(field)
                if known.type in ("bool", "optout"):
                    assert value in ("yes", "no")
                    continue
                assert choose(known, value) == value if known.choices else len(value) == 3 and field == "currency"
    assert set(profile.stages.values()) <= {s[0] for s in DEFAULT_STAGES}


def test_words_in_general_use_are_choices() -> None:
    for kind, fields in VALUES.items():
        for field, ours in fields.items():
            assert {choose(KINDS[kind].field(field), value) for value in ours.values()} == {*ours.values()}


def test_a_products_words_go_before_general_ones_and_the_map_before_both() -> None:
    hubspot = match(KINDS["lead"], ["email", "status"], [], Map(), profiles.called("hubspot")).map.values["status"]
    assert (hubspot["OPEN"], hubspot["neu"]) == ("new", "new") and "open" not in hubspot
    given = Map(values={"status": {"NEU": "working"}})
    mapped = match(KINDS["lead"], ["email", "status"], [], given).map.values["status"]
    assert mapped["NEU"] == "working" and "neu" not in mapped and mapped["kein interesse"] == "disqualified"


@pytest.mark.parametrize(
    ("header", "kind"),
    [("Note body", "note"), ("Call notes", "call"), ("Meeting name", "meeting"), ("Email subject", "email"), ("Task title", None)],
)
def test_what_activities_are_is_told_by_the_header_of_their_text(header: str, kind: str | None) -> None:
    plan = match(KINDS["activity"], ["Record ID", header, "Activity date"], [], Map(), profiles.called("hubspot"))
    assert plan.map.set.get("kind") == kind
    told = match(KINDS["activity"], ["Record ID", header, "Activity type"], [], Map(), profiles.called("hubspot"))
    assert "kind" not in told.map.set


def test_real_exports_are_recognised(shared: Path) -> None:
    for folder, expected in (("sf_datacloud", "salesforce"), ("dbt_salesforce_seeds", "salesforce"), ("headers_reference", "suitecrm")):
        for path in sorted(folder_of(shared, folder).glob("*.csv")):
            with path.open(encoding="utf-8-sig", newline="") as stream:
                found = profiles.recognise(next(csv.reader(stream)))
            assert (found.name if found else None) == (None if path.name == "sf_user_role_data.csv" else expected), path
    for name in ("company_data", "contact_data", "deal_data"):
        with (folder_of(shared, "dbt_hubspot_seeds") / f"{name}.csv").open(encoding="utf-8", newline="") as stream:
            found = profiles.recognise(next(csv.reader(stream)))
        assert found and found.name == "hubspot"
    for path in sorted(folder_of(shared, "maven_crm").glob("*.csv")):
        with path.open(encoding="utf-8", errors="replace", newline="") as stream:
            assert profiles.recognise(next(csv.reader(stream))) is None


@pytest.mark.parametrize(
    ("short", "expected"),
    [
        # The examples of Salesforce's own documents and ids of both lengths in the wild.
        ("001Ec00000GGw3h", "001Ec00000GGw3hIAD"),
        ("005Ec000004oBPN", "005Ec000004oBPNIA2"),
        ("00QEc00000BBaeX", "00QEc00000BBaeXMAT"),
        ("001Ec00000GGw3hIAD", "001Ec00000GGw3hIAD"),
        ("Christophersens", "Christophersens"),
        ("x", "x"),
    ],
)
def test_short_ids(short: str, expected: str) -> None:
    assert long_id(short) == expected


@pytest.mark.parametrize("kind", [k for k in KINDS.values() if k.noun], ids=lambda k: k.name)
def test_our_own_exports_are_no_other_products(kind: Kind) -> None:
    names = [f.name for f in kind.fields]
    assert profiles.recognise(names) is None and profiles.recognise(["id", *names]) is None


def test_headers_in_traditional_characters() -> None:
    names = ["客戶名稱", "聯絡人", "電話", "電子郵件", "地址", "備註", "負責人"]
    assert profiles.recognise(names).name == "eastasia"  # type: ignore[union-attr]
    plan = match(KINDS["account"], names, [], Map(), profiles.recognise(names))
    assert {c.header: c.field.name for c in plan.columns} == {
        "客戶名稱": "name", "電話": "phone", "地址": "street", "備註": "description", "負責人": "owner",
    }  # fmt: skip

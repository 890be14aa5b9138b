"""How to bring data over from each product, for `sfa help import`."""

GUIDE = """\
Put the exports of the other system (CSV, XLSX, JSON, vCard, a calendar) into
one folder and load it whole, in one operation, or file by file, those first
that others refer to: users, accounts, products, contacts, leads,
opportunities, activities, history. `sfa undo` takes the last import back,
whole.

  sfa import bundle FOLDER --on-missing create --dry-run
  sfa import account accounts.csv --dry-run
  sfa import account accounts.csv --on-missing create
  sfa undo

--dry-run says of each column where it would go, what is left out and what is
wrong, and writes nothing. --on-missing create makes the owners, accounts and
contacts that rows name and that are not there. --rejects FILE puts bad rows
aside with their reasons and loads the others.

A product's export is recognised by its headers ("looks like a HubSpot export
of contacts"). Its profile knows its columns, statuses and types; its stages
become the nearest of yours where you have none of that name; its ids are kept
under its name, so that the next export finds the same records again.
--profile NAME takes a file for a product's, --profile none for nobody's.

Of each column the listing says how sure it is: certain (the profile, the map
or the field's own name says so), likely (a name that exports in general use)
or guess (its header says nothing, its cells look like e-mails, phones,
websites or countries). At a terminal guesses are asked about; --yes takes
them.

Salesforce (salesforce)
    Reports, or Setup > Data Export: the API's names and the labels are both
    known. Ids of 15 and 18 characters are the same id. Rows with IsDeleted
    are passed over. Lead.Company may be an account's id.
HubSpot (hubspot)
    Export from the index page of contacts, companies and deals with all
    properties. Record ID is the id; labels and internal names are known;
    lifecycle stages become statuses of leads; times in milliseconds are read.
Pipedrive (pipedrive)
    Export from the list views or Settings > Export data, headers with the
    entity in front (`Deal - Title`) or without. Organizations are accounts,
    people contacts, notes activities; work, home and mobile numbers have
    their places. A deal whose status is Won or Lost is in that stage.
Zoho CRM (zoho)
    Setup > Data Administration > Export, a module at a time; owners' ids
    beside their names are passed over.
Dynamics 365 (dynamics)
    Export to Excel as a static worksheet, saved as CSV; the hidden `(Do Not
    Modify)` column is the id.
Odoo (odoo)
    Export from the list with External ID; crm.lead holds both: load it as
    leads or as opportunities.
SuiteCRM (suitecrm)
    The list's export; Assigned to is the owner, Date Created when a lead
    came.
LinkedIn (linkedin)
    Settings > Get a copy of your data > Connections; notes above the header
    are passed over.
Google Contacts (google)
    Export as Google CSV, with the older headers or the present ones; or as
    vCard.
Outlook (outlook)
    File > Open & Export > Export to a file; the business address and phones
    are taken. With English or German headers.
Chinese, Japanese (eastasia)
    客户名称, 联系人, 预估金额, 预计成交日期, 销售阶段, 負責人 and the like,
    in GB18030, Big5, Shift_JIS or UTF-8.

Anything else
    --save-map FILE writes the mapping as a map file; correct it and give it
    back with --map FILE. --set field=value is a value for every row and goes
    before the map. --create-fields makes fields of your own of the columns
    that are left out, with the type that their cells show, in the same
    operation.

Phones
    are kept as +4930901820, by the country of the row or `sfa config set
    phone_country DE`; how they were written is kept beside (phone_written).
    `sfa config set phones as_written` leaves them as they are.
Blank words
    NULL, N/A, #N/A, (null), --None--, -, none and Select are blank in
    amounts, dates, choices and the like; in texts only what is no plain word
    (N/A, NULL), in people's names only what cannot be one. The setting
    blank_words names others, [blank] in a map file those of one column.
E-mails, phones
    of which a cell holds several: the first is the main one, the others go to
    other_emails and other_phones.
Names
    `Zhang, Wei` is Wei Zhang; titles and Jr. stay in the whole name alone.
Dates
    in the order that the whole column proves; a spreadsheet's day numbers and
    milliseconds only where the whole column is such.
"""

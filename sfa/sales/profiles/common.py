"""What exports in general call our fields, by kind: how an import recognises a header. Facts only; matching is in `mapping.py`."""

from __future__ import annotations

_CAMPAIGN = (
    "campaign name | campaign source | source campaign | primary campaign source | campaign: campaign name | most recent campaign | "
    "last touch converting campaign | hubspot campaign | 市场活动 | 营销活动"
)
# Names are separated by " | "; case, blanks and punctuation do not matter.
ALIASES: dict[str, dict[str, str]] = {
    "user": {
        "name": "sales agent | full name | user name",
        "email": "e-mail | e mail | email address | e-mail address | email_address | person - email (work) | 邮箱 | 电子邮件 | メール",
        "manager": "reports to | manager id | managerid",
        "team": "sales team | department",
        "region": "regional office | territory | office",
        "active": "is active | isactive",
        "external_id": "id | record id | external id | source id | external_id__c | 编号",
    },
    "account": {
        "name": (
            "account | account name | company | company name | organization | organization - name | "
            "organization - name* | customer | 公司 | 公司名称 | 客户名称 | 顧客"
        ),
        "parent": "parent account | parent id | parentid | subsidiary of | parent company",
        "types": "type | account type",
        "industry": "sector | 行业",
        "employees": "number of employees | numberofemployees | staff | headcount",
        "annual_revenue": "revenue | annual revenue | annualrevenue | turnover",
        "currency": "currency iso code | currencyisocode | deal - currency of value | 币种",
        "phone": "telephone | phone number | work phone | office phone | business phone | phone_work | person - phone | 电话 | 電話",
        "website": "web site | url | domain | homepage | web",
        "street": "billing street | mailing street | address | primary address street | organization - address | 地址",
        "city": "billing city | mailing city | primary address city | town | 市",
        "postal_code": "zip | zip code | postcode | billing postal code | mailing postal code | primary address postalcode",
        "state": "billing state | mailing state | province | region | primary address state | 省",
        "country": "billing country | mailing country | country/region | office location | primary address country | 国家",
        "owner": (
            "owner id | ownerid | account owner | deal owner | deal - owner | contact owner | lead owner | "
            "sales rep | sales agent | rep | 负责人 | 担当"
        ),
        "source": "lead source | leadsource | account source | original source | 来源",
        "description": "notes | note | 备注",
        "external_id": "id | record id | external id | source id | external_id__c | 编号",
    },
    "contact": {
        "birthday": "birthdate | birth date | date of birth | geburtstag | geburtsdatum | anniversaire | 生日 | 出生日期",
        "language": "preferred language | sprache | langue | idioma | 语言",
        "name": "full name | contact name | contact | person - name | person - name* | 联系人 | 姓名 | 氏名",
        "first_name": "first | first name | given name | firstname | person - first name",
        "last_name": "last | last name | surname | family name | lastname | person - last name",
        "account": (
            "account id | accountid | account name | company | company name | organization | organization - name* | "
            "公司 | 公司名称 | 客户名称"
        ),
        "title": "job title | position | function | 职务",
        "email": "e-mail | e mail | email address | e-mail address | email_address | person - email (work) | 邮箱 | 电子邮件 | メール",
        "other_emails": "other email | secondary email | person - email (home)",
        "phone": "telephone | phone number | work phone | office phone | business phone | phone_work | person - phone | 电话 | 電話",
        "mobile": "mobile phone | mobilephone | cell | cell phone | phone_mobile | 手机",
        "other_phones": "other phone | home phone | homephone | home_phone__c | phone_home | assistant phone",
        "street": "billing street | mailing street | address | primary address street | organization - address | 地址",
        "city": "billing city | mailing city | primary address city | town | 市",
        "postal_code": "zip | zip code | postcode | billing postal code | mailing postal code | primary address postalcode",
        "state": "billing state | mailing state | province | region | primary address state | 省",
        "country": "billing country | mailing country | country/region | office location | primary address country | 国家",
        "opt_out_email": "has opted out of email | email opt out | hasoptedoutofemail | unsubscribed",
        "opt_out_phone": "do not call | donotcall",
        "opt_out_mail": "do not mail",
        "opt_out_sms": "do not text",
        "do_not_contact": "do not contact | donotcontact",
        "owner": (
            "owner id | ownerid | account owner | deal owner | deal - owner | contact owner | lead owner | "
            "sales rep | sales agent | rep | 负责人 | 担当"
        ),
        "source": "lead source | leadsource | account source | original source | 来源",
        "campaign": _CAMPAIGN,
        "description": "notes | note | 备注",
        "external_id": "id | record id | external id | source id | external_id__c | 编号",
    },
    "lead": {
        "name": "full name | contact name | contact | person - name | person - name* | 联系人 | 姓名 | 氏名",
        "first_name": "first | first name | given name | firstname | person - first name",
        "last_name": "last | last name | surname | family name | lastname | person - last name",
        "company": "company name | account name | organization | organization - name* | account | 公司 | 公司名称 | 客户名称",
        "title": "job title | position | function | 职务",
        "email": "e-mail | e mail | email address | e-mail address | email_address | person - email (work) | 邮箱 | 电子邮件 | メール",
        "other_emails": "other email | secondary email | person - email (home)",
        "phone": "telephone | phone number | work phone | office phone | business phone | phone_work | person - phone | 电话 | 電話",
        "mobile": "mobile phone | mobilephone | cell | cell phone | phone_mobile | 手机",
        "other_phones": "other phone | home phone | homephone | home_phone__c | phone_home | assistant phone",
        "website": "web site | url | homepage | web",
        "industry": "sector | 行业",
        "employees": "number of employees | numberofemployees | no. of employees",
        "street": "billing street | mailing street | address | primary address street | organization - address | 地址",
        "city": "billing city | mailing city | primary address city | town | 市",
        "postal_code": "zip | zip code | postcode | billing postal code | mailing postal code | primary address postalcode",
        "state": "billing state | mailing state | province | region | primary address state | 省",
        "country": "billing country | mailing country | country/region | office location | primary address country | 国家",
        "opt_out_email": "has opted out of email | email opt out | hasoptedoutofemail | unsubscribed",
        "opt_out_phone": "do not call | donotcall",
        "opt_out_mail": "do not mail",
        "opt_out_sms": "do not text",
        "do_not_contact": "do not contact | donotcontact",
        "source": "lead source | leadsource | account source | original source | 来源",
        "campaign": _CAMPAIGN,
        "status": "lead status | 状态",
        "rating": "lead rating | priority | 优先级",
        "owner": (
            "owner id | ownerid | account owner | deal owner | deal - owner | contact owner | lead owner | "
            "sales rep | sales agent | rep | 负责人 | 担当"
        ),
        "created": "created date | createddate | create date | date created | 创建时间",
        "description": "notes | note | 备注 | message | comments",
        "reason": "disqualified reason",
        "converted": "converted date",
        "account": "converted account id",
        "contact": "converted contact id",
        "opportunity": "converted opportunity id",
        "external_id": "id | record id | external id | source id | external_id__c | 编号",
    },
    "product": {
        "name": "product | product name | title",
        "code": "product code | productcode | sku | stockkeepingunit",
        "family": "series | product family | category",
        "list_price": "price | sales price | unit price | listprice",
        "currency": "currency iso code | currencyisocode | deal - currency of value | 币种",
        "active": "is active | isactive",
        "description": "notes | note | 备注",
        "external_id": "id | record id | external id | source id | external_id__c | 编号",
    },
    "reason": {
        "group": "category | reason group | reason category",
        "outcome": "type | reason type",
    },
    "opportunity": {
        "name": "opportunity name | opportunity | deal name | deal - title | deal | topic | subject | title | 标题",
        "account": (
            "account id | accountid | account name | company | company name | customer | organization | deal - organization | 客户名称"
        ),
        "contact": "contact id | contactid | primary contact | contact name | contact person* | contact person | 联系人",
        "owner": (
            "owner id | ownerid | account owner | deal owner | deal - owner | contact owner | lead owner | "
            "sales rep | sales agent | rep | 负责人 | 担当"
        ),
        "pipeline": "deal pipeline | sales process",
        "stage": "stage name | stagename | deal stage | deal - stage | deal stage name | sales stage | 状态",
        "amount": "deal amount | value | deal - value | deal value | close value | estimated revenue | 预估金额 | 金額",
        "currency": "currency iso code | currencyisocode | deal - currency of value | 币种",
        "close": "close date | closedate | expected close date | deal - expected close date | expected closing | est. close date",
        "closed": "closed date | actual close date | deal - closed on | closed on | won time",
        "opened": "created date | createddate | create date | engage date | deal - creation date | created | 创建时间",
        "probability": "probability (%) | win probability | deal - probability | 概率 | 確度",
        "category": "forecast category | forecastcategory | forecast category name | forecastcategoryname",
        "product": "product name | product__c | 機種",
        "source": "lead source | leadsource | account source | original source | 来源",
        "campaign": _CAMPAIGN,
        "type": "opportunity type | deal type",
        "next_step": "next step | nextstep | next action",
        "reason": (
            "loss reason | lost reason | deal - lost reason | closed lost reason | closed won reason | reason lost | reason for loss | "
            "win reason | won reason | win/loss reason | primary loss reason"
        ),
        "secondary_reason": (
            "secondary loss reason | secondary lost reason | secondary win reason | loss reason 2 | lost reason 2 | loss sub reason"
        ),
        "reason_note": (
            "loss reason detail | loss reason details | lost reason detail | lost reason details | closed lost details | "
            "closed lost notes | loss notes | loss comments | lost reason notes | win/loss notes | reason detail | reason details"
        ),
        "competitor": "competitors | main competitor | main competitors | primary competitor | lost to | lost to competitor",
        "revisit": "revisit date | revisit on | re-engage date | reengage date | win back date | winback date | try again on",
        "description": "notes | note | 备注",
        "external_id": "id | record id | external id | source id | external_id__c | 编号 | opportunity id | deal id",
    },
    "activity": {
        "duration": "duration in minutes | durationinminutes | duration (minutes) | 时长",
        "outcome": "call result | call outcome | meeting outcome | result",
        "when": "date | activity date | activitydate | due date",
        "kind": "type | activity type | task subtype",
        "direction": "call direction",
        "text": "subject | note | notes | description | activity - subject*",
        "opportunity": "what id | whatid | deal",
        "contact": "who id | whoid",
        "account": "account id | accountid | company",
        "owner": (
            "owner id | ownerid | account owner | deal owner | deal - owner | contact owner | lead owner | "
            "sales rep | sales agent | rep | 负责人 | 担当"
        ),
        "external_id": "id | record id | external id | source id | external_id__c | 编号",
    },
    "quota": {
        "owner": "rep | sales rep | user | sales agent | sales person | seller | owner id | quota owner id",
        "period": "quarter | month | year | fiscal year | start | start date | quota date | period start",
        "amount": "quota | target | sales quota | quota amount",
        "count": "quota quantity | deals | number of deals",
        "currency": "currency iso code | currencyisocode | deal - currency of value | 币种",
    },
    "rate": {
        "currency": "from | from currency | from currency code",
        "base": "to | to currency | to currency code",
        "date": "from date | valid from | rate date | currency rate date",
        "rate": "exchange rate | average rate",
    },
    "history": {
        "opportunity": "opportunity id | opportunity name | deal | deal id | id | name",
        "changed": "fivetran start | created date | changed at | change date | timestamp | last modified date | date | system modstamp",
        "stage": "stage name | deal stage | to stage",
        "amount": "value | deal amount",
        "currency": "currency iso code",
        "close": "close date | expected close date | valid through",
        "probability": "probability (%)",
        "category": "forecast category | forecast category name",
        "owner": "owner id | opportunity owner | deal owner",
    },
    "call log": {
        "when": (
            "date/time | datetime | date time | start time | start | call date | calldate | call start | timestamp | begin | answered at | "
            "date started | started at | call started | date | day | datum | uhrzeit und datum | fecha | data | 日期 | 通话时间 | 时间 | "
            "開始時刻"
        ),
        "clock": "time | call time | time of day | uhrzeit | zeit | heure | hora | ora | 时刻",
        "number": (
            "phone number | phone | telephone | external number | number dialed | dialed number | other party | remote "
            "number | contact number | party | "
            "tel | rufnummer | nummer | telefonnummer | numéro | número | numero | 号码 | 电话号码 | 对方号码 | 手机号 | 電話番号"
        ),
        "caller": "from | from number | src | source | calling number | calling party | caller number | caller id | clid | anrufer | 主叫",
        "callee": (
            "to | to number | dst | destination number | destination | called number | called party | callee number | "
            "angerufener | ziel | 被叫"
        ),
        "direction": "call type | type | call direction | direction type | richtung | anrufart | typ | art | tipo | 类型 | 通话类型",
        "status": (
            "disposition | result | call result | action result | categories | call status | outcome | state | "
            "answered | ergebnis | 状态 | 结果"
        ),
        "talk_time": (
            "billsec | talking | talk time | talk duration | call duration | duration | length | length of call | "
            "duration (seconds) | duration (s) | duration seconds | "
            "duration in seconds | duration (min) | duration (minutes) | minutes | seconds | dauer | durée | duración | durata | "
            "时长 | 通话时长"
        ),
        "name": "contact | contact name | caller name | display name | full name | kontakt | nom | nombre | nome | 姓名 | 联系人 | 名称",
        "user": "agent | user display name | upn | extension name | employee | owner | sales rep | mitarbeiter | benutzer | 坐席",
        "external_id": "id | call id | callid | uniqueid | unique id | session id | linkedid | call sid | sid",
    },
    "field history": {
        "opportunity": "opportunity id | opportunity name | deal | deal id | deal name | parent id",
        "changed": "created date | edit date | changed at | change date | timestamp | last modified date | date",
        "field": "changed field | field name | field / event | property | property name | name",
        "old": "from | previous value",
        "new": "to | value",
    },
    "stage history": {
        "opportunity": "opportunity id | opportunity name | deal | deal id | deal name",
        "entered": "date entered | entered at | entry date | start date | start",
        "left": "date exited | exited | exit date | left at | end date | end",
        "stage": "stage name | deal stage | stage id | value",
        "amount": "deal amount",
        "currency": "currency iso code",
        "close": "close date | expected close date",
        "probability": "probability (%)",
        "category": "forecast category | forecast category name",
        "owner": "owner id | opportunity owner | deal owner",
    },
}

CHANGED_FIELDS = {
    "name": "opportunity name",
    "owner": "opportunity owner | assigned to | owner assignment | hubspot owner id",
    "currency": "deal currency code",
    "category": "hs manual forecast category | hs forecast category",
    "next_step": "hs next step",
}
"""What rows of changed fields call the fields of deals, besides the headers of their exports."""

"""Countries as people and products write them (names in English and in the country's own words, ISO codes) → the ISO code of two letters.

For phone numbers, which need to know where they are from; a country is kept as it was written.
"""

from __future__ import annotations

import re
import unicodedata
from functools import cache

# A line each: two letters, three letters, then names.
_COUNTRIES = """
AD AND Andorra
AE ARE United Arab Emirates|UAE|Emirates|الإمارات
AF AFG Afghanistan
AG ATG Antigua and Barbuda
AI AIA Anguilla
AL ALB Albania|Shqipëria
AM ARM Armenia
AO AGO Angola
AR ARG Argentina|Argentinien|Argentine|阿根廷
AS ASM American Samoa
AT AUT Austria|Österreich|Autriche|Oostenrijk|奥地利
AU AUS Australia|Australien|Australie|澳大利亚|オーストラリア
AW ABW Aruba
AZ AZE Azerbaijan|Azərbaycan
BA BIH Bosnia and Herzegovina|Bosnia|Bosnien
BB BRB Barbados
BD BGD Bangladesh
BE BEL Belgium|België|Belgique|Belgien|Bélgica|比利时
BF BFA Burkina Faso
BG BGR Bulgaria|България|Bulgarien
BH BHR Bahrain
BI BDI Burundi
BJ BEN Benin|Bénin
BM BMU Bermuda
BN BRN Brunei|Brunei Darussalam
BO BOL Bolivia|Bolivia, Plurinational State of
BR BRA Brazil|Brasil|Brasilien|Brésil|巴西|ブラジル
BS BHS Bahamas|The Bahamas
BT BTN Bhutan
BW BWA Botswana
BY BLR Belarus|Беларусь
BZ BLZ Belize
CA CAN Canada|Kanada|加拿大|カナダ
CD COD Democratic Republic of the Congo|DR Congo|Congo, the Democratic Republic of the
CF CAF Central African Republic
CG COG Congo|Republic of the Congo
CH CHE Switzerland|Schweiz|Suisse|Svizzera|Suiza|瑞士|スイス
CI CIV Ivory Coast|Côte d'Ivoire
CL CHL Chile|智利
CM CMR Cameroon|Cameroun
CN CHN China|People's Republic of China|PR China|PRC|中国|中华人民共和国|Mainland China|China Mainland
CO COL Colombia|Kolumbien
CR CRI Costa Rica
CU CUB Cuba|Kuba
CV CPV Cape Verde|Cabo Verde
CW CUW Curaçao
CY CYP Cyprus|Κύπρος|Zypern
CZ CZE Czech Republic|Czechia|Česko|Česká republika|Tschechien
DE DEU Germany|Deutschland|Allemagne|Alemania|Germania|Duitsland|Alemanha|Niemcy|德国|ドイツ|Bundesrepublik Deutschland|BRD
DJ DJI Djibouti
DK DNK Denmark|Danmark|Dänemark|Danemark|丹麦
DM DMA Dominica
DO DOM Dominican Republic|República Dominicana
DZ DZA Algeria|Algérie
EC ECU Ecuador
EE EST Estonia|Eesti|Estland
EG EGY Egypt|مصر|Ägypten
ER ERI Eritrea
ES ESP Spain|España|Spanien|Espagne|Spagna|Espanha|西班牙|スペイン
ET ETH Ethiopia
FI FIN Finland|Suomi|Finnland|Finlande|芬兰
FJ FJI Fiji
FO FRO Faroe Islands
FR FRA France|Frankreich|Francia|Frankrijk|França|法国|フランス
GA GAB Gabon
GB GBR United Kingdom|UK|U.K.|Great Britain|England|Scotland|Wales|Northern Ireland|Vereinigtes Königreich|Großbritannien|\
Royaume-Uni|Reino Unido|Regno Unito|英国|イギリス|Britain|United Kingdom of Great Britain and Northern Ireland
GD GRD Grenada
GE GEO Georgia|საქართველო
GF GUF French Guiana
GG GGY Guernsey
GH GHA Ghana
GI GIB Gibraltar
GL GRL Greenland
GM GMB Gambia
GN GIN Guinea
GP GLP Guadeloupe
GQ GNQ Equatorial Guinea
GR GRC Greece|Ελλάδα|Griechenland|Grèce
GT GTM Guatemala
GU GUM Guam
GW GNB Guinea-Bissau
GY GUY Guyana
HK HKG Hong Kong|Hong Kong SAR|香港|Hong Kong SAR China
HN HND Honduras
HR HRV Croatia|Hrvatska|Kroatien
HT HTI Haiti
HU HUN Hungary|Magyarország|Ungarn|Hongrie
ID IDN Indonesia|印度尼西亚|Indonesien
IE IRL Ireland|Éire|Irland|Irlande|爱尔兰|Republic of Ireland
IL ISR Israel|ישראל|以色列
IM IMN Isle of Man
IN IND India|Bharat|Indien|Inde|印度|インド|भारत
IQ IRQ Iraq
IR IRN Iran|Iran, Islamic Republic of
IS ISL Iceland|Ísland|Island
IT ITA Italy|Italia|Italien|Italie|意大利|イタリア
JE JEY Jersey
JM JAM Jamaica
JO JOR Jordan
JP JPN Japan|日本|Japon|Giappone|Japón
KE KEN Kenya
KG KGZ Kyrgyzstan
KH KHM Cambodia
KM COM Comoros
KN KNA Saint Kitts and Nevis
KP PRK North Korea|Korea, Democratic People's Republic of
KR KOR South Korea|Korea|Republic of Korea|Korea, Republic of|Südkorea|Corée du Sud|韩国|韓国|대한민국|한국
KW KWT Kuwait
KY CYM Cayman Islands
KZ KAZ Kazakhstan|Қазақстан
LA LAO Laos
LB LBN Lebanon|Liban
LC LCA Saint Lucia
LI LIE Liechtenstein
LK LKA Sri Lanka
LR LBR Liberia
LS LSO Lesotho
LT LTU Lithuania|Lietuva|Litauen
LU LUX Luxembourg|Luxemburg|Lëtzebuerg
LV LVA Latvia|Latvija|Lettland
LY LBY Libya
MA MAR Morocco|Maroc|Marokko
MC MCO Monaco
MD MDA Moldova|Moldova, Republic of
ME MNE Montenegro|Crna Gora
MG MDG Madagascar
MK MKD North Macedonia|Macedonia
ML MLI Mali
MM MMR Myanmar|Burma
MN MNG Mongolia
MO MAC Macao|Macau|澳门
MQ MTQ Martinique
MR MRT Mauritania
MT MLT Malta
MU MUS Mauritius
MV MDV Maldives
MW MWI Malawi
MX MEX Mexico|México|Mexiko|Mexique|墨西哥
MY MYS Malaysia|马来西亚
MZ MOZ Mozambique
NA NAM Namibia
NC NCL New Caledonia
NE NER Niger
NG NGA Nigeria
NI NIC Nicaragua
NL NLD Netherlands|The Netherlands|Nederland|Holland|Niederlande|Pays-Bas|Países Bajos|荷兰|オランダ
NO NOR Norway|Norge|Noreg|Norwegen|Norvège|挪威
NP NPL Nepal
NZ NZL New Zealand|Neuseeland|新西兰|Aotearoa
OM OMN Oman
PA PAN Panama|Panamá
PE PER Peru|Perú
PF PYF French Polynesia
PG PNG Papua New Guinea
PH PHL Philippines|Pilipinas|Philippinen|菲律宾
PK PAK Pakistan
PL POL Poland|Polska|Polen|Pologne|Polonia|波兰
PR PRI Puerto Rico
PS PSE Palestine|Palestinian Territory
PT PRT Portugal|葡萄牙
PY PRY Paraguay
QA QAT Qatar|Katar
RE REU Réunion
RO ROU Romania|România|Rumänien|Roumanie
RS SRB Serbia|Србија|Srbija|Serbien
RU RUS Russia|Russian Federation|Россия|Russland|Russie|俄罗斯|ロシア
RW RWA Rwanda
SA SAU Saudi Arabia|السعودية|Saudi-Arabien
SB SLB Solomon Islands
SC SYC Seychelles
SD SDN Sudan
SE SWE Sweden|Sverige|Schweden|Suède|Suecia|瑞典
SG SGP Singapore|Singapur|Singapour|新加坡|シンガポール
SI SVN Slovenia|Slovenija|Slowenien
SK SVK Slovakia|Slovensko|Slowakei|Slovak Republic
SL SLE Sierra Leone
SM SMR San Marino
SN SEN Senegal|Sénégal
SO SOM Somalia
SR SUR Suriname
SS SSD South Sudan
ST STP São Tomé and Príncipe
SV SLV El Salvador
SY SYR Syria
SZ SWZ Eswatini|Swaziland
TC TCA Turks and Caicos Islands
TD TCD Chad
TG TGO Togo
TH THA Thailand|ประเทศไทย|泰国
TJ TJK Tajikistan
TL TLS Timor-Leste
TM TKM Turkmenistan
TN TUN Tunisia|Tunisie|Tunesien
TO TON Tonga
TR TUR Turkey|Türkiye|Türkei|Turquie|土耳其
TT TTO Trinidad and Tobago
TW TWN Taiwan|Taiwan, Province of China|台湾|臺灣|中華民國
TZ TZA Tanzania|Tanzania, United Republic of
UA UKR Ukraine|Україна|乌克兰
UG UGA Uganda
US USA United States|United States of America|U.S.A.|U.S.|America|Vereinigte Staaten|Etats-Unis|\
États-Unis|Estados Unidos|Stati Uniti|Verenigde Staten|美国|アメリカ|アメリカ合衆国|The United States|EE. UU.|EEUU
UY URY Uruguay
UZ UZB Uzbekistan
VA VAT Vatican City|Holy See
VC VCT Saint Vincent and the Grenadines
VE VEN Venezuela|Venezuela, Bolivarian Republic of
VG VGB British Virgin Islands
VI VIR U.S. Virgin Islands|Virgin Islands, U.S.
VN VNM Vietnam|Viet Nam|Việt Nam|越南
VU VUT Vanuatu
WS WSM Samoa
XK XKX Kosovo
YE YEM Yemen
YT MYT Mayotte
ZA ZAF South Africa|Südafrika|Afrique du Sud|南非
ZM ZMB Zambia
ZW ZWE Zimbabwe
"""


def region(country: str | None) -> str:
    """The two letters of a country's code, "" for one that is not known (two countries in a cell among them)."""
    return _known().get(_folded(country), "") if country else ""


@cache
def _known() -> dict[str, str]:
    out: dict[str, str] = {}
    for line in _COUNTRIES.strip().split("\n"):
        two, three, names = line.split(" ", 2)
        for name in (two, three, *names.split("|")):
            out[_folded(name)] = two
    return out


def _folded(text: str) -> str:
    """Without case, accents and punctuation."""
    if text.isascii():
        return re.sub(r"[^a-z]+", "", text.lower())
    plain = unicodedata.normalize("NFKD", text.casefold())
    return re.sub(r"[\W_]+", "", "".join(c for c in plain if not "\u0300" <= c <= "\u036f"))

"""The words of the demo company, all invented: people, places, products, reasons, phrases. Data only; `generate.py` deals them out."""

from __future__ import annotations

from typing import NamedTuple

RIVAL = "Vantora Sensors AG"

VP = "Helen Ashworth"
MANAGERS = {"EMEA": "Anneke de Vries", "Americas": "Patricia Okafor", "APAC": "张敏"}


class Seller(NamedTuple):
    """quota: an average quarter of 2024 in USD, 0 for none; skill multiplies the chance to win; pushes: chance of each push."""

    name: str
    team: str
    quota: int
    skill: float
    pushes: float


SELLERS = [
    Seller("Jürgen Müller", "EMEA", 340_000, 1.08, 0.20),
    Seller("Zofia Wójcik", "EMEA", 250_000, 1.02, 0.22),
    Seller("Inês Gonçalves", "EMEA", 270_000, 1.00, 0.18),
    Seller("Claire Lefèvre", "EMEA", 300_000, 0.97, 0.52),
    Seller("Oliver Hartley", "EMEA", 310_000, 1.00, 0.24),
    Seller("Dana Whitfield", "Americas", 360_000, 1.05, 0.20),
    Seller("Marcus Boone", "Americas", 330_000, 0.90, 0.58),
    Seller("Renée Tremblay", "Americas", 280_000, 1.04, 0.16),
    Seller("Luis Hernández", "Americas", 0, 0.98, 0.22),
    Seller("李娜", "APAC", 320_000, 1.06, 0.18),
    Seller("王建国", "APAC", 290_000, 0.96, 0.26),
    Seller("Chen Wei", "APAC", 260_000, 1.00, 0.22),
]
TEAM_OF = {s.name: s.team for s in SELLERS} | {manager: team for team, manager in MANAGERS.items()}


class Country(NamedTuple):
    """accounts: how many to invent; phone, mobile: # is a digit; places: `city|postal code|state` joined by `;`."""

    name: str
    culture: str
    accounts: int
    sellers: str
    phone: str
    mobile: str
    places: str


COUNTRIES = [
    Country("Germany", "de", 9, "Jürgen Müller", "+49 30 23125 ###", "+49 171 39200 ##", "Köln|50667|;Stuttgart|70173|;Hamburg|20095|"),
    Country("Austria", "de", 3, "Jürgen Müller", "+43 1 0000 ###", "+43 660 0000 ###", "Linz|4020|;Graz|8010|"),
    Country("Switzerland", "de", 2, "Jürgen Müller", "+41 44 000 ####", "+41 79 000 ####", "Zürich|8001|;Winterthur|8400|"),
    Country("Poland", "pl", 6, "Zofia Wójcik", "+48 22 000 ####", "+48 500 00# ###", "Łódź|90-001|;Wrocław|50-001|;Gdańsk|80-001|"),
    Country("Czechia", "cs", 3, "Zofia Wójcik", "+420 200 00# ###", "+420 600 00# ###", "Brno|602 00|;Plzeň|301 00|"),
    Country("Portugal", "pt", 3, "Inês Gonçalves", "+351 210 00# ###", "+351 910 00# ###", "Porto|4000-001|;Setúbal|2900-001|"),
    Country("Spain", "es", 5, "Inês Gonçalves", "+34 910 00# ###", "+34 600 00# ###", "Zaragoza|50001|;A Coruña|15001|;Bilbao|48001|"),
    Country("Italy", "it", 4, "Inês Gonçalves", "+39 02 0000 ####", "+39 320 000 ####", "Torino|10121|;Forlì|47121|"),
    Country("France", "fr", 8, "Claire Lefèvre", "+33 1 99 00 ## ##", "+33 6 39 98 ## ##", "Lyon|69001|;Saint-Étienne|42000|;Lille|59000|"),
    Country("Netherlands", "nl", 3, "Claire Lefèvre", "+31 20 000 ####", "+31 6 0000 ####", "Eindhoven|5611 AA|;Delft|2611 AA|"),
    Country(
        "United Kingdom", "en", 7, "Oliver Hartley", "+44 20 7946 0###", "+44 7700 900###", "Leeds|LS1 4AP|;Hull|HU1 2AA|;Derby|DE1 2QR|"
    ),
    Country("Sweden", "sv", 4, "Oliver Hartley", "+46 8 000 ## ##", "+46 70 000 ## ##", "Göteborg|411 03|;Västerås|722 11|"),
    Country(
        "United States",
        "en",
        25,
        "Dana Whitfield;Marcus Boone;Dana Whitfield;Marcus Boone;Luis Hernández;Renée Tremblay",
        "+1 312 555 01##;+1 713 555 01##;+1 216 555 01##;+1 503 555 01##",
        "+1 773 555 01##;+1 281 555 01##;+1 440 555 01##",
        "Chicago|60606|IL;Houston|77002|TX;Cleveland|44113|OH;Portland|97204|OR;Pittsburgh|15222|PA",
    ),
    Country("Canada", "fr", 7, "Renée Tremblay", "+1 514 555 01##", "+1 438 555 01##", "Montréal|H2Y 1C6|QC;Trois-Rivières|G9A 1A1|QC"),
    Country("Mexico", "es", 5, "Luis Hernández", "+52 81 0000 ####", "+52 55 0000 ####", "Monterrey|64000|NL;Querétaro|76000|QE"),
    Country(
        "China",
        "zh",
        22,
        "李娜;王建国;Chen Wei",
        "+86 10 0000 ####;+86 21 0000 ####",
        "+86 139 0000 ####;+86 186 0000 ####",
        "北京|100020|北京;上海|200030|上海;苏州|215000|江苏;深圳|518000|广东;成都|610000|四川;武汉|430000|湖北",
    ),
]
BY_COUNTRY = {c.name: c for c in COUNTRIES}
TEAM_BY_COUNTRY = {c.name: TEAM_OF[c.sellers.split(";")[0]] for c in COUNTRIES}

# culture: first names, last names. Chinese names carry their romanisation, for addresses.
PEOPLE = {
    "de": "Anna Jörg Katja Lukas Sabine Günter Heike Tobias Ute Björn;Müller Schröder Weiß Brandl Köhler Vogt Lindner Straßer Böhm Huber",
    "pl": "Małgorzata Piotr Agnieszka Łukasz Ewa Paweł Jadwiga Michał;Kowalczyk Wiśniewski Nowak Dąbrowska Zieliński Szymańska Łęcki",
    "cs": "Jiří Petra Ondřej Lenka Tomáš Kateřina;Dvořák Novotná Procházka Černý Beneš",
    "pt": "João Marta Tiago Catarina Rui Conceição;Gonçalves Araújo Magalhães Simões Falcão Teixeira",
    "es": "José Lucía Álvaro Marisol Íñigo Beatriz Andrés Carmen;Núñez Ibáñez Peña Castaño Rodríguez Muñoz Sáenz Ortega Villalobos",
    "it": "Giulia Marco Nicolò Chiara Stefano Ilaria;Bianchi Nardò Colombo Fontana Galli Riva",
    "fr": "Hélène François Aurélie Benoît Chloé Jérôme Solène Étienne Maël Océane;Lefebvre Gagné Côté Besançon Marchand Périer Roy Dubé",
    "nl": "Sanne Pieter Fleur Joost Maartje Daan;van Dijk Bakker Visser de Boer Hendriks",
    "sv": "Åsa Erik Märta Johan Linnéa Göran;Sundström Åkesson Lindqvist Öberg Nyström Björk",
    "en": "Alice Robert Priya James Naomi Caleb Grace Owen Tamara Desmond Ruth Ian;Hughes Whitaker O'Neill Patel Sinclair Novak Grant "
    "Abernathy Reyes Kowalski Freeman Douglas Burke Osei",
    "zh": "伟:Wei 芳:Fang 磊:Lei 静:Jing 强:Qiang 丽:Li 洋:Yang 雪梅:Xuemei 志远:Zhiyuan 晓明:Xiaoming 婷:Ting 浩然:Haoran;"
    "王:Wang 李:Li 张:Zhang 刘:Liu 陈:Chen 杨:Yang 赵:Zhao 黄:Huang 周:Zhou 吴:Wu 徐:Xu 欧阳:Ouyang",
}
# culture: pattern of a company's name ({0} stem, {1} trade), legal form, stems, trades
COMPANIES = {
    "de": "{0} {1}|GmbH|Alpbach,Weißtal,Köhlerhof,Rheinau,Strelitz,Öhlmann,Brandner|"
    "Antriebstechnik,Pumpen,Hydraulik,Anlagenbau,Messtechnik",
    "pl": "{0} {1}|Sp. z o.o.|Łęczna,Bałtyk,Żuraw,Wisłok,Śnieżka|Hydraulika,Armatura,Chemia,Pompy",
    "cs": "{0} {1}|s.r.o.|Řípská,Vltavan,Žďárská|strojírna,čerpadla,chemie",
    "pt": "{1} {0}|Lda|Sobreiro,Açor,Marão|Têxteis,Química,Cerâmica",
    "es": "{1} {0}|S.A.|Peñalara,Ibón,Ebro Norte,Cañada,Sierra Alta|Químicas,Aceros,Envases,Bodegas",
    "it": "{0} {1}|S.r.l.|Valdora,Montefosco,Brentella|Valvole,Impianti,Cartiera",
    "fr": "{1} {0}|SAS|Vernay,Beaulieu,Crêt Rouge,Noisiel,Garonnais,Étretat|Hydraulique,Papeteries,Laiterie,Chimie,Verrerie",
    "nl": "{0} {1}|B.V.|Waalkant,Veluwe,Noordoever|Procestechniek,Zuivel,Pompen",
    "sv": "{0} {1}|AB|Älvdal,Hjälmar,Skärgård,Björkvik|Massa,Stål,Energi",
    "en": "{0} {1}|Ltd|Ashford,Blackmoor,Calder,Dunmore,Eastgate,Fairhaven,Granite,Holloway,Ironbridge,Juniper,"
    "Kingsway,Larkfield,Maple Ridge|Chemicals,Foods,Water,Process,Paper,Energy,Pharma,Brewing",
    "zh": "{0}{1}|有限公司|澜川:Lanchuan,恒岳:Hengyue,瑞澄:Ruicheng,鼎禾:Dinghe,远泰:Yuantai,启衡:Qiheng,天屿:Tianyu,明淮:Minghuai|"
    "自动化:Automation,化工:Chemical,水务:Water,制药:Pharma,机械:Machinery",
}
LEGAL = {"United States": "Inc.", "Canada": "inc.", "Mexico": "S.A. de C.V.", "Switzerland": "AG"}
ROMAN = {"北京": "Beijing", "上海": "Shanghai", "苏州": "Suzhou", "深圳": "Shenzhen", "成都": "Chengdu", "武汉": "Wuhan"}

# name, short name, country, parent. Parents come before their children.
NAMED = [
    ("Baltwerk Holding AG", "Baltwerk", "Germany", ""),
    ("Baltwerk Polska Sp. z o.o.", "Baltwerk Polska", "Poland", "Baltwerk Holding AG"),
    ("Baltwerk Łódź Sp. z o.o.", "Baltwerk Łódź", "Poland", "Baltwerk Polska Sp. z o.o."),
    ("Baltwerk Sverige AB", "Baltwerk Sverige", "Sweden", "Baltwerk Holding AG"),
    ("Corrigan Process Group Inc.", "Corrigan", "United States", ""),
    ("Corrigan Canada inc.", "Corrigan Canada", "Canada", "Corrigan Process Group Inc."),
    ("Corrigan de México S.A. de C.V.", "Corrigan México", "Mexico", "Corrigan Process Group Inc."),
    ("Corrigan UK Ltd", "Corrigan UK", "United Kingdom", "Corrigan Process Group Inc."),
    ("澜海集团有限公司", "澜海集团", "China", ""),
    ("北京澜海水务科技有限公司", "北京澜海", "China", "澜海集团有限公司"),
    ("苏州澜海精密仪器有限公司", "苏州澜海", "China", "澜海集团有限公司"),
    ("Müller Antriebe GmbH & Co. KG", "Müller Antriebe", "Germany", ""),
    ("Gonçalves & Filhos, Lda", "Gonçalves & Filhos", "Portugal", ""),
    ("Suzhou Precision Valves Co., Ltd.", "Suzhou Precision", "China", ""),
]
OTHERS = [  # name, types, country: accounts that buy nothing
    ("Tarnsen Instruments", "internal", "United Kingdom"),
    (RIVAL, "competitor", "Germany"),
    ("Kestrel Metering Corp.", "competitor", "United States"),
    ("Sondelux S.A.", "competitor", "France"),
    ("上海华衡仪表有限公司", "competitor", "China"),
    ("Brightgauge Inc.", "competitor,supplier", "United States"),
    ("Pulsmetrik AB", "competitor,partner", "Sweden"),
    ("Steuerkraft Systemhaus GmbH", "partner", "Germany"),
    ("Intégrale Automation SAS", "partner", "France"),
    ("Plantline Integrators Ltd", "partner", "United Kingdom"),
    ("Lakeshore Controls LLC", "partner", "United States"),
    ("Automatización Regia S.A. de C.V.", "partner", "Mexico"),
    ("深圳联测系统集成有限公司", "partner,supplier", "China"),
    ("Feinguss Oberland GmbH", "supplier", "Austria"),
    ("Przewody Śląsk Sp. z o.o.", "supplier", "Poland"),
    ("Quartzline Components Inc.", "supplier", "United States"),
    ("成都微芯电子有限公司", "supplier", "China"),
]
RIVALS = [
    (RIVAL, 30),
    ("Kestrel Metering Corp.", 22),
    ("Sondelux S.A.", 14),
    ("上海华衡仪表有限公司", 14),
    ("Brightgauge Inc.", 12),
    ("Pulsmetrik AB", 8),
]
# words in a company's name that give its industry away; the others make machines
INDUSTRIES = {
    "chemicals": "Chem Chim Quím chem 化工",
    "food and beverage": "Food Brew Laiterie Zuivel Bodegas",
    "water": "Water 水务",
    "pharmaceuticals": "Pharma 制药",
    "energy": "Energ",
    "pulp and paper": "Paper Papet Cartiera Massa Envases",
    "metals": "Aceros Stål",
    "glass and ceramics": "Verrerie Cerâmica",
}
OTHER_INDUSTRIES = ["machinery", "machinery", "automotive", "mining", "semiconductors"]
TITLES = [
    "Plant manager",
    "Head of maintenance",
    "Purchasing manager",
    "Process engineer",
    "Automation lead",
    "CTO",
    "Quality manager",
    "Buyer",
]
STREETS = ["Industrial Road", "Harbour Street", "Canal Lane", "Station Road", "Mill Street", "Park Avenue"]
SOURCES = [("web", 20), ("referral", 14), ("trade show", 17), ("cold call", 14), ("partner", 15), ("campaign", 20)]

# code, name, family, list price in USD, what deals call it
PRODUCTS = [
    ("FLO-100", "Flow sensor F100", "Flow", 480, "Flow sensors"),
    ("FLO-200", "Flow sensor F200 Ex", "Flow", 1150, "Ex flow sensors"),
    ("FLO-300", "Ultrasonic flow meter F300", "Flow", 2900, "Ultrasonic meters"),
    ("PRS-10", "Pressure transmitter P10", "Pressure", 260, "Pressure transmitters"),
    ("PRS-40", "Pressure transmitter P40 HART", "Pressure", 690, "HART transmitters"),
    ("VIB-1", "Wireless vibration sensor V1", "Condition monitoring", 390, "Vibration sensors"),
    ("TMP-5", "Temperature probe T5", "Condition monitoring", 180, "Temperature probes"),
    ("GAT-2", "Edge gateway G2", "Condition monitoring", 1800, "Edge gateways"),
    ("SW-MON", "Plantwatch monitoring", "Software", 240, "Plantwatch"),
    ("SW-CAL", "Calibration manager", "Software", 3200, "Calibration manager"),
]
REASONS = [
    ("too expensive", "lost", "price"),
    ("no budget", "lost", "qualification"),
    ("missing feature", "lost", "product"),
    ("lost to competitor", "lost", "competitor"),
    ("no decision", "lost", "no decision"),
    ("bad timing", "lost", "timing"),
    ("no longer responding", "lost", "relationship"),
    ("not a fit", "lost", "qualification"),
    ("best price", "won", "price"),
    ("best fit", "won", "product"),
    ("relationship", "won", "relationship"),
    ("faster delivery", "won", "timing"),
]
STAGES = ["Prospecting", "Qualification", "Proposal", "Negotiation"]
NEXT_STEPS = {
    "Prospecting": ["call to learn the project", "send the data sheet", "find out who decides"],
    "Qualification": ["visit the plant", "confirm budget and date", "plan a trial with ten units"],
    "Proposal": ["send the revised offer", "walk through the offer with purchasing", "answer technical questions"],
    "Negotiation": ["agree delivery terms", "send the contract", "get the order signed"],
}
TEXTS = {
    "call": [
        "Spoke about {0}; they compare two suppliers",
        "Left a message about {0}",
        "Asked for a delivery date for {0}",
        "Budget for {0} is confirmed",
        "Wants to see a reference for {0} first",
    ],
    "email": ["Sent the offer for {0}", "Sent the data sheet of {0}", "Answered questions on {0}", "Asked for the order of {0}"],
    "visit": ["Looked at where {0} would go", "Showed {0} to the maintenance team", "Trial of {0} started", "Reviewed {0} with purchasing"],
    "note": ["The plant manager decides on {0}", "Purchasing wants a frame contract for {0}", "{0}: competitor quoted 8% lower"],
}
LOCAL_TEXTS = {"EMEA": "Rückruf vereinbart: {0}", "APAC": "电话沟通 {0} 的交期", "Americas": "Called back about {0}"}
# EUR in USD on the first of each month from 2023-10: invented
RATE_TEXT = """1.0560 1.0610 1.0890 1.0950 1.0840 1.0810 1.0770 1.0690 1.0830 1.0740 1.0850 1.1060 1.1090 1.0880 1.0540 1.0380 1.0410 1.0520
1.0830 1.1320 1.1360 1.1740 1.1480 1.1690 1.1720 1.1560 1.1610 1.1730 1.1820 1.1790 1.1650 1.1580 1.1670 1.1740 1.1800 1.1760 1.1690
1.1720"""
RATES = RATE_TEXT.split()
SEASON = [0.90, 1.00, 0.92, 1.20]

# How people call early in a quarter, in per cent: what they lean to of what will come, give or take, and how far their best case is above
CALLERS = {
    "Jürgen Müller": (102, 7, 15),
    "Zofia Wójcik": (97, 9, 18),
    "Inês Gonçalves": (110, 12, 20),
    "Claire Lefèvre": (117, 12, 30),
    "Oliver Hartley": (99, 6, 12),
    "Dana Whitfield": (91, 6, 10),
    "Marcus Boone": (124, 16, 35),
    "Renée Tremblay": (101, 10, 15),
    "Luis Hernández": (92, 12, 20),
    "李娜": (96, 6, 12),
    "王建国": (107, 10, 20),
    "Chen Wei": (100, 9, 15),
    "Anneke de Vries": (104, 6, 12),
    "Patricia Okafor": (106, 7, 14),
    "张敏": (97, 4, 10),
    VP: (100, 4, 10),
}
NOTES = {
    "Jürgen Müller": "Vernay signs before Christmas, Alpbach is technical only",
    "Zofia Wójcik": "Řípská is safe; Łęczna wants one more visit",
    "Inês Gonçalves": "Ebro Norte decides late, but this year",
    "Claire Lefèvre": "Beaulieu is a matter of days",
    "Dana Whitfield": "Calling what I can touch",
    "Marcus Boone": "Larkfield and Corrigan both close, trust me",
    "Luis Hernández": "Calder Brewing is waiting for the signature",
    "李娜": "武汉远泰等董事会，合同条款已谈好",
    "王建国": "月底前签瑞澄，其余按计划",
    "Chen Wei": "Suzhou Precision signs both orders in December",
    "Anneke de Vries": "December is heavy: Vernay and Łęczna make it or break it",
    "Patricia Okafor": "Luis is strong, Renée is not there yet",
    "张敏": "三个项目在十二月，风险不大",
    VP: "It holds if December holds",
}
EARLIER_NOTES = ["", "", "Same as last week", "Two large ones decide it", "Late quarter, as always", "Nothing new from purchasing"]

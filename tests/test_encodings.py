"""Encodings by what their text looks like: whole files are read right, single names right or not at all.

The names were written down for these tests; none is in the tables that the guess is made with as such.
"""

from __future__ import annotations

import random
from collections import Counter
from pathlib import Path

import pytest

from sfa.errors import BadValue
from sfa.reading.encodings import Unsure
from sfa.reading.tabular import open_table

NAMES = {
    "German": "Jürgen Großmann;Käthe Böhm;Müller & Söhne;Straßenbau Österreich;Günther Weiß;Zürich;Köln;Größenwahn GmbH;Björn Schäfer;"
    "Gebäudereinigung Lüneburg",
    "French": "François Lefèvre;Société générale;Hélène Bézier;Côte d'Azur;Gérard Dépôt;Noël Brûlé;Besançon;Ménagère à façon;Évry;"
    "Jérôme Forêt",
    "Spanish": "José Núñez;María Peña;Compañía Ibérica;Málaga;Íñigo Ibáñez;Logroño;Señor Gutiérrez;Cádiz;Ángel Muñoz;Peluquería Añil",
    "Portuguese": "João Conceição;São Paulo;Antônio Magalhães;Construções Irmãos;Leilão;Gonçalves;Informática e Serviços;Estêvão;Maçã;Avô",
    "Nordic": "Søren Kjærgård;Ångström;Åse Bjørnstad;Malmö;Håkan Öberg;Tromsø;Jørgensen;Västerås;Grønland;Märta Sjöström",
    "Polish": "Łukasz Wałęsa;Łódź;Żółkiewski;Gdańsk;Michał Dąbrowski;Święty Józef;Paweł Ścibor;Spółka Główna;Wrocław;Agnieszka Zając",
    "Czech": "Jiří Dvořák;Plzeň;Ústí nad Labem;Kateřina Nováková;Tomáš Říha;Žižkov;Zdeněk Černý;Společnost Růže;Hradec Králové;Šárka",
    "Hungarian": "Győr;Erdős Pál;Kovács Gergő;Őrség;Nagykőrös;Szűcs Ödön;Építő Kft;Hódmezővásárhely;Fűszeres Üzlet;Zrínyi Miklós",
    "Russian": "Иван Петров;Москва;Общество Заря;Екатерина Смирнова;Новосибирск;Дмитрий Орлов;Завод Прогресс;Казань;Ольга;Сергей Щукин",
    "Turkish": "Ayşe Yılmaz;İstanbul;Çağrı Güneş;Öztürk İnşaat;Diyarbakır;Şükrü Doğan;Eskişehir;Uğur Işık;Gümüş Sanayi;Beşiktaş",
    "simplified Chinese": "北京科技有限公司;王小明;上海贸易;张伟;深圳市南山区;李娜;广州汽车配件厂;刘洋;联系人电话;预估金额",
    "traditional Chinese": "臺北科技股份有限公司;陳志明;高雄貿易;張雅婷;新北市板橋區;林淑芬;臺中汽車零件廠;黃俊傑;聯絡人電話;預估金額",
    "Japanese": "東京商事株式会社;山田太郎;大阪貿易;佐藤花子;ソフトウェア開発;鈴木一郎;横浜市中区;高橋さくら;担当者の電話;見積金額",
    "Korean": "서울상사 주식회사;김철수;부산무역;이영희;소프트웨어 개발;박지훈;인천광역시 남구;최수진;담당자 전화;예상 금액",
}
ENCODINGS = {
    "German": ("cp1252", "cp850", "iso8859-1", "cp437", "mac_roman"),
    "French": ("cp1252", "cp850", "iso8859-1", "mac_roman"),
    "Spanish": ("cp1252", "cp850", "iso8859-1", "mac_roman"),
    "Portuguese": ("cp1252", "cp850", "iso8859-1"),
    "Nordic": ("cp1252", "cp850", "iso8859-1"),
    "Polish": ("cp1250", "iso8859-2", "cp852"),
    "Czech": ("cp1250", "iso8859-2", "cp852"),
    "Hungarian": ("cp1250", "iso8859-2"),
    "Russian": ("cp1251", "koi8_r", "cp866"),
    "Turkish": ("cp1254",),
    "simplified Chinese": ("gb18030", "gb2312"),
    "traditional Chinese": ("big5",),
    "Japanese": ("shift_jis", "euc_jp", "iso2022_jp"),
    "Korean": ("euc_kr",),
}
PAIRS = [(language, codec) for language, codecs in ENCODINGS.items() for codec in codecs]


def cells(path: Path, content: bytes) -> list[list[str]]:
    path.write_bytes(content)
    with open_table(str(path)) as table:
        return [row.cells for row in table]


@pytest.mark.parametrize(("language", "codec"), PAIRS)
def test_a_file_of_names_is_read_right(tmp_path: Path, language: str, codec: str) -> None:
    names = NAMES[language].split(";")
    assert cells(tmp_path / "a.csv", "\n".join(["name,city", *(f"{n},Rome" for n in names)]).encode(codec)) == [[n, "Rome"] for n in names]


def outcomes(path: Path, size: int) -> Counter[str]:
    """What becomes of files of `size` names: right, asked (the right reading is among those on offer), refused, wrong."""
    found: Counter[str] = Counter()
    for language, codec in PAIRS:
        names = NAMES[language].split(";")
        for start in range(0, len(names), size):
            some = names[start : start + size]
            try:
                got = cells(path, "\n".join(["name", *some]).encode(codec))
            except Unsure as unsure:
                found["asked"] += any(text in " ".join(some) for _, texts in unsure.readings for text in texts)
                continue
            except BadValue:
                found["refused"] += 1
                continue
            found["right" if got == [[n] for n in some] else "wrong"] += 1
    return found


def test_one_name_is_hardly_ever_read_wrong(tmp_path: Path) -> None:
    """One name of a language may be another's in another encoding: then the file is not read, and the right reading is on offer."""
    found = outcomes(tmp_path / "a.csv", 1)
    assert found.total() == 10 * len(PAIRS)
    assert found["wrong"] <= 2
    assert found["right"] > 0.6 * found.total()


def test_three_names_are_never_read_wrong(tmp_path: Path) -> None:
    found = outcomes(tmp_path / "a.csv", 3)
    assert found["wrong"] == 0 and found["refused"] == 0
    assert found["right"] > 0.85 * found.total()


@pytest.mark.parametrize(
    ("codec", "name"), [("cp1252", "Müller"), ("cp850", "Müller Söhne"), ("gb18030", "王伟"), ("big5", "陳志明"), ("cp1251", "Иванов")]
)
def test_the_only_such_name_may_stand_at_the_end_of_a_long_file(tmp_path: Path, codec: str, name: str) -> None:
    got = cells(tmp_path / "a.csv", b"name,city\n" + b"Smith,London\n" * 60_000 + f"{name},Rome\n".encode(codec))
    assert (len(got), got[-1]) == (60_001, [name, "Rome"])


def test_a_late_byte_counts_as_much_as_early_ones(tmp_path: Path) -> None:
    """What cp1252 and cp1250 read alike fills the file; the one name that they read differently is in its last line."""
    text = "name\n" + "Jürgen Müller\nJörg Böhm\n" * 40_000 + "Ścibor Dąbrowski\n"
    assert cells(tmp_path / "a.csv", text.encode("cp1250"))[-1] == ["Ścibor Dąbrowski"]


def test_samples_show_what_is_read_differently(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes("name\nJürgen\ncioè\n".encode("cp1252"))
    with pytest.raises(Unsure) as caught:
        open_table(str(path))
    assert dict(caught.value.readings) == {"cp1250": ["cioč"], "cp1252": ["cioè"]}
    assert "\n  cp1252  'cioè'" in caught.value.message


def test_files_in_many_languages_of_one_encoding(tmp_path: Path) -> None:
    western = [n for language in ("German", "French", "Spanish", "Portuguese", "Nordic") for n in NAMES[language].split(";")]
    random.Random(7).shuffle(western)
    for codec in ("cp1252", "cp850", "mac_roman"):
        assert cells(tmp_path / "a.csv", "\n".join(["name", *western]).encode(codec)) == [[n] for n in western]


@pytest.mark.parametrize(
    ("given", "codec", "text"),
    [("shift_jis", "cp932", "髙橋①"), ("gb2312", "gb18030", "镕"), ("big5", "cp950", "碁€"), ("euc-kr", "cp949", "똠")],
)
def test_the_wider_encoding_of_a_name_is_meant(tmp_path: Path, given: str, codec: str, text: str) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(f"name\n{text}\n".encode(codec))
    with open_table(str(path), encoding=given) as table:
        assert [row.cells for row in table] == [[text]]


def test_damage_in_a_legacy_file_is_placed(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    names = NAMES["simplified Chinese"].split(";") * 20
    content = "\n".join(["name", *names]).encode("gb18030")
    path.write_bytes(content + b"\n\xff\xff\n")
    with pytest.raises(BadValue, match=rf"cannot be read as GB18030: line {len(names) + 2}"):
        open_table(str(path))


def test_guessing_takes_little_time(tmp_path: Path) -> None:
    import time

    path = tmp_path / "a.csv"
    names = NAMES["simplified Chinese"].split(";")
    path.write_bytes("\n".join(["name,city", *(f"{a}{b}{c},{b}" for a in names for b in names for c in names * 30)]).encode("gb18030"))
    start = time.process_time()
    with open_table(str(path)):
        assert time.process_time() - start < 3

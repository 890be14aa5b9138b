"""The encodings that are tried on a file that is not UTF-8."""

from __future__ import annotations

CODECS = {
    "cp1252": 0.0,
    "gb18030": -1.0,
    "cp1250": -1.5,
    "cp1251": -2.0,
    "cp950": -2.0,
    "cp932": -1.5,
    "cp949": -2.5,
    "cp1254": -2.0,
    "cp1253": -2.0,
    "cp850": -4.0,
    "cp1257": -2.5,
    "mac_roman": -4.5,
    "euc_jp": -5.0,
    "cp858": -5.0,
    "cp852": -4.5,
    "cp437": -5.0,
    "cp866": -5.0,
    "koi8_u": -5.0,
    "iso8859-2": -3.5,
    "iso8859-15": -3.5,
    "cp1255": -2.5,
    "cp1256": -2.5,
    "mac_cyrillic": -6.0,
    "cp737": -6.0,
    "cp857": -6.5,
    "iso8859-9": -4.0,
    "iso8859-7": -4.0,
    "iso8859-5": -5.0,
    "big5hkscs": -4.0,
}
"""The encodings that are tried, and how much rarer than the first each is in files that people are given (as a logarithm)."""

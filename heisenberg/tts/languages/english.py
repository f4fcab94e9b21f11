"""English, for the text path: see ``SpokenLanguage``."""

from __future__ import annotations

from typing import Final

from heisenberg.tts.languages.base import SpokenLanguage, words

_TENS: Final = words("twenties thirties forties fifties sixties seventies eighties nineties")

_MONTH: Final = (
    r"(?:January|February|March|April|May|June|July|August|September|October|November|December)"
)

ENGLISH: Final = SpokenLanguage(
    code_note="I have left out the code.",
    dot=" dot ",
    at=" at ",
    unfinished=frozenset(
        words(
            "mr. mrs. ms. dr. prof. gen. col. capt. lt. sgt. rev. hon. pres. gov. sen. rep. st."
            " mt. ft. vs. v. e.g. i.e. cf. al. approx. ca. dept. est. incl. esp. ave. blvd. rd."
            " ph.d. jan. feb. mar. apr. jun. jul. aug. sep. sept. oct. nov. dec."
        )
    ),
    maybe_last=frozenset(words("etc. a.m. p.m. inc. ltd. co. corp. jr. sr. b.c. a.d. hrs. min.")),
    before_number=frozenset(words("no. nos. fig. figs. vol. sec. ch. art. p. pp. ed.")),
    joints=frozenset(
        words(
            "and but or because so which who where when while if although though unless until"
            " since than before after with without for from in on at by into onto through during"
            " between among about under over against toward towards across along around within"
        )
    ),
    leaning=frozenset(
        words(
            "a an the of to as is are was were be been being am has have had will would can could"
            " may might must shall should do does did not no very more most such this that these"
            " those my your his her its our their what how it he she they we you i one each every"
            " some any all both only just even"
        )
    ),
    openers=r"(?:The|This|That|These|Those|It|He|She|They|We|You|In|On|At|But|And|So|There|If|When)",
    abbreviations=(
        (r"\bMr\b\.?", "Mister"),
        (r"\bMrs\b\.?", "Missus"),
        (r"\bMs\b\.?(?=\s[A-Z])", "Miz"),
        (r"\bDr\b\.?", "Doctor"),
        (r"\bProf\.", "Professor"),
        (r"\bGen\.(?=\s[A-Z])", "General"),
        (r"\bSt\.?(?=\s[A-Z])", "Saint"),
        (r"\bMt\.?(?=\s[A-Z])", "Mount"),
        (r"\bSt\.", "Street"),
        (r"\bJr\.?(?=\s[a-z]|,)", "Junior"),
        (r"\bPh\.?D\b\.?", "PhD"),
        (r"\b([Nn])os?\.(?=\s?\d)", r"\1umber"),
        (r"\bvs?\.", "versus"),
        (r"\be\.\s?g\.,?", "for example"),
        (r"\bi\.\s?e\.,?", "that is"),
        (r"\betc\.(?=\s*$|\s+[A-Z])", "et cetera."),
        (r"\betc\b\.?", "et cetera"),
        (r"\bapprox\.", "approximately"),
        (r"\bca\.(?=\s?\d)", "about"),
        (r"\b(?:figs?|Figs?)\.(?=\s?\d)", "figure"),
        (r"\b([Vv]ol|[Ss]ec|[Cc]h|[Aa]rt|pp?)\.(?=\s?\d)", r"\1"),
        (r"\b(Jan|Feb|Mar|Apr|Jun|Jul|Aug|Sept?|Oct|Nov|Dec)\.(?=\s?\d)", r"\1"),
        (r"\b(1[0-2]|[1-9]):00(?=\s?[AaPp]\.?[Mm]\b)", r"\1"),
        (r"(?<![\d:])(1[0-2]|[1-9]):00(?![\d:])", r"\1 o'clock"),
        (r"\b(1[1-9])00s\b", r"\1 hundreds"),
        *((rf"\b(1[1-9]|20){n}0s\b", rf"\1 {word}") for n, word in enumerate(_TENS, start=2)),
        # 1789 as a year: seventeen eighty-nine, not one thousand seven hundred and so on.
        (
            rf"\b([Ii]n|[Ss]ince|[Yy]ear|{_MONTH}|{_MONTH}\s\d\d?,)\s(1[1-8])([1-9]\d)\b(?![.,:]\d)",
            r"\1 \2 \3",
        ),
        (r"\bCO[2₂](?!\w)", "C O 2"),
        (r"\b([Ss]?[Hh]e)/(s?he)\b", r"\1 or \2"),
        (r"\bw/o\b", "without"),
    ),
    currencies=(
        (r"(?:US)?\$", "dollar", "dollars", "cents"),
        ("€", "euro", "euros", "cents"),
        ("£", "pound", "pounds", "pence"),
        ("¥", "yen", "yen", "sen"),
    ),
    units={
        "km/h": "kilometers per hour",
        "m/s": "meters per second",
        "mph": "miles per hour",
        "km²": "square kilometers",
        "m²": "square meters",
        "m³": "cubic meters",
        "km": "kilometers",
        "cm": "centimeters",
        "mm": "millimeters",
        "m": "meters",
        "ft": "feet",
        "mi": "miles",
        "kg": "kilograms",
        "mg": "milligrams",
        "g": "grams",
        "lb": "pounds",
        "lbs": "pounds",
        "oz": "ounces",
        "ml": "milliliters",
        "mL": "milliliters",
        "L": "liters",
        "kWh": "kilowatt hours",
        "kW": "kilowatts",
        "GHz": "gigahertz",
        "MHz": "megahertz",
        "TB": "terabytes",
        "GB": "gigabytes",
        "MB": "megabytes",
        "kB": "kilobytes",
        "KB": "kilobytes",
        "ms": "milliseconds",
        "min": "minutes",
        "h": "hours",
        "hr": "hours",
        "hrs": "hours",
        "°C": "degrees Celsius",
        "°F": "degrees Fahrenheit",
    },
    signs={
        "sharp": "sharp",
        "number": "number",
        "divided": "divided by",
        "times": "times",
        "half": "one half",
        "third": "one third",
        "two_thirds": "two thirds",
        "quarter": "one quarter",
        "three_quarters": "three quarters",
        "over": "over",
        "about": "about",
        "at_most": "at most",
        "at_least": "at least",
        "arrow": "to",
        "unequal": "is not",
        "equal": "equals",
        "less": "less than",
        "greater": "greater than",
        "squared": "squared",
        "cubed": "cubed",
        "power": "to the power of",
        "root": "square root of",
        "paragraph": "section",
        "and": "and",
        "plus_minus": "plus or minus",
        "minus": "minus",
        "range": "to",
    },
)

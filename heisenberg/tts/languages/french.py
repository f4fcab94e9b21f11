"""French, for the text path: see ``SpokenLanguage``."""

from __future__ import annotations

from typing import Final

from heisenberg.tts.languages.base import SpokenLanguage, words

_ORDINALS: Final = words(
    "deuxième troisième quatrième cinquième sixième septième huitième neuvième dixième onzième"
    " douzième treizième quatorzième quinzième seizième dix-septième dix-huitième dix-neuvième"
    " vingtième vingt-et-unième"
)

_ROMAN: Final = words("II III IV V VI VII VIII IX X XI XII XIII XIV XV XVI XVII XVIII XIX XX XXI")

FRENCH: Final = SpokenLanguage(
    code_note="Je ne lis pas le code.",
    dot=" point ",
    at=" arobase ",
    unfinished=frozenset(
        words(
            "m. mm. mme. mlle. dr. pr. me. st. ste. p. ex. c.-à-d. cf. env. av. apr. ap. j. boul."
            " éd. janv. févr. avr. juil. sept. oct. nov. déc. vs. max. min. resp. tél."
        )
    ),
    maybe_last=frozenset(words("etc. j.-c. cie. inc.")),
    before_number=frozenset(words("no. n°. fig. vol. chap. art. p. pp. t.")),
    joints=frozenset(
        words(
            "et mais ou car donc parce qui où quand lorsque si puis afin pour avec sans dans sur"
            " sous par en chez entre vers depuis pendant avant après comme tandis jusqu'à contre"
            " selon parmi durant alors"
        )
    ),
    leaning=frozenset(
        words(
            "le la les un une des du de d' au aux à ce cet cette ces mon ma mes ton ta tes son sa"
            " ses notre nos votre vos leur leurs est sont était étaient a ont être avoir ne pas"
            " plus très si tout tous toute toutes que qu'il qu'elle je tu il elle on nous vous ils"
            " elles se me te y peut peuvent fait deux trois"
        )
    ),
    openers=r"(?:Le|La|Les|Un|Une|Il|Elle|Ils|Elles|Ce|Cette|Ces|On|Nous|Vous|En|Mais|Et|Si|Quand)",
    abbreviations=(
        (r"\bMM\.(?=\s[A-Z])", "Messieurs"),
        (r"\bM\.(?=\s[A-Z])", "Monsieur"),
        (r"\bMmes\b\.?", "Mesdames"),
        (r"\bMme\b\.?", "Madame"),
        (r"\bMlle\b\.?", "Mademoiselle"),
        (r"\bDr\b\.?", "docteur"),
        (r"\bPr\b\.?(?=\s[A-Z])", "professeur"),
        (r"\bSt\.?(?=\s[A-Z])", "Saint"),
        (r"\bSte\.?(?=\s[A-Z])", "Sainte"),
        (r"\b[Nn]°\s?(?=\d)|\b[Nn]o\.\s?(?=\d)", "numéro "),
        (r"\bp\.\s?ex\.", "par exemple"),
        (r"\bc\.?-à-d\b\.?", "c'est-à-dire"),
        (r"\betc\.(?=\s*$|\s+[A-ZÀ-Ý])", "et cetera."),
        (r"\betc\b\.?", "et cetera"),
        (r"\bav\.\s?J\.-C\.", "avant Jésus-Christ"),
        (r"\bapr?\.\s?J\.-C\.", "après Jésus-Christ"),
        (r"\benv\.", "environ"),
        (r"\bcf\.", "voir"),
        (r"\b([Ff]ig|[Vv]ol|[Cc]hap|[Aa]rt|pp?|t)\.(?=\s?\d)", r"\1"),
        (r"\bjanv\.", "janvier"),
        (r"\bfévr\.", "février"),
        (r"\bavr\.", "avril"),
        (r"\bjuil\.", "juillet"),
        (r"\bsept\.", "septembre"),
        (r"\boct\.", "octobre"),
        (r"\bnov\.", "novembre"),
        (r"\bdéc\.", "décembre"),
        (r"(?<![\d:])(\d{1,2})(?:\s?[hH]\s?|:)00(?![\d:])", r"\1 heures"),
        (r"\b(\d{1,2})\s?[hH]\s?(\d\d)\b", r"\1 heures \2"),
        (r"\b1\s?h\b", "1 heure"),
        (r"\b(\d{1,3})\s?h\b", r"\1 heures"),
        (r"\b1[eè]?re\b", "première"),
        *((rf"\b{n}i?[eè](?:me)?s?\b", word) for n, word in enumerate(_ORDINALS, start=2)),
        *((rf"\b{n}e\b", word) for n, word in zip(_ROMAN, _ORDINALS, strict=True)),
        (r"\bCO[2₂](?!\w)", "C O 2"),
    ),
    currencies=(
        (r"(?:US)?\$", "dollar", "dollars", "cents"),
        ("€", "euro", "euros", "centimes"),
        ("£", "livre", "livres", "pence"),
        ("¥", "yen", "yens", "sens"),
    ),
    units={
        "km/h": "kilomètres à l'heure",
        "m/s": "mètres par seconde",
        "km²": "kilomètres carrés",
        "m²": "mètres carrés",
        "m³": "mètres cubes",
        "m": "mètres",
        "mm": "millimètres",
        "mg": "milligrammes",
        "g": "grammes",
        "ml": "millilitres",
        "mL": "millilitres",
        "l": "litres",
        "L": "litres",
        "kWh": "kilowattheures",
        "kW": "kilowatts",
        "GHz": "gigahertz",
        "MHz": "mégahertz",
        "To": "téraoctets",
        "Go": "gigaoctets",
        "Mo": "mégaoctets",
        "ko": "kilooctets",
        "Ko": "kilooctets",
        "ms": "millisecondes",
        "min": "minutes",
        "°C": "degrés Celsius",
        "°F": "degrés Fahrenheit",
    },
    signs={
        "sharp": "dièse",
        "number": "numéro",
        "divided": "divisé par",
        "times": "fois",
        "half": "un demi",
        "third": "un tiers",
        "two_thirds": "deux tiers",
        "quarter": "un quart",
        "three_quarters": "trois quarts",
        "over": "sur",
        "about": "environ",
        "at_most": "au plus",
        "at_least": "au moins",
        "arrow": "vers",
        "unequal": "différent de",
        "equal": "égale",
        "less": "inférieur à",
        "greater": "supérieur à",
        "squared": "au carré",
        "cubed": "au cube",
        "power": "puissance",
        "root": "racine de",
        "paragraph": "paragraphe",
        "and": "et",
        "plus_minus": "plus ou moins",
        "minus": "moins",
        "range": "à",
    },
)

"""Arithmetic as people say it, computed exactly."""

from __future__ import annotations

import ast
import functools
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal, localcontext
from fractions import Fraction
from math import isqrt
from typing import ClassVar, Final, Self

from heisenberg.skills.slots.numbers import in_digits
from heisenberg.skills.words import ENGLISH, read_table

_SIGNS: Final = re.compile(r"[0-9.+*/() -]+")
_DIGITS: Final = 6
"""Decimal places that are said."""
_MOST_DIGITS: Final = 18
MOST: Final = 10**_MOST_DIGITS
"""Results are less: nobody follows more digits by ear."""
_MOST_POWER: Final = 64


class Undefined(Exception):
    """A sum without a result: a division by zero."""


class TooLarge(Exception):
    """A result that nobody could follow."""


@dataclass(frozen=True, slots=True)
class Sum:
    """A sum that was asked for, in signs."""

    PATTERN: ClassVar[str] = "^[0-9(][0-9.+*/() -]{0,60}$"
    """How a model is to write one."""
    FEWEST_SAID: ClassVar[int] = 2
    """So many of its numbers are the user's."""
    STANDS_OUT: ClassVar[bool] = True
    HOLDS_NUMBERS: ClassVar[bool] = True
    """All that were said are its own."""

    signs: str

    @classmethod
    def read(cls, text: str, language: str) -> Self:
        """What ``text``, nothing but a sum, asks for. Raises ``ValueError``."""
        signs = in_signs(text, language)
        match _parsed(signs):
            case ast.Constant():
                raise ValueError("there is nothing to compute")
            case _:
                return cls(signs)

    @property
    def result(self) -> Fraction:
        """Exact, but for square roots. Raises ``Undefined``, ``TooLarge``."""
        return _value(_parsed(self.signs))


def in_signs(text: str, language: str) -> str:
    """``text`` with its words made into signs. Raises ``ValueError`` where one is none."""
    signs = f" {in_digits(text.lower(), language)} "
    signs = re.sub(r"(?<=\d)[,\u202f\u00a0 ](?=\d{3}\b)", "", signs)  # between thousands
    signs = re.sub(r"(?<=\d),(?=\d)", ".", signs)
    signs = re.sub(r"(% \D*\d[\d.]*)%", r"\1", signs)  # recognisers write "20% of 150%"
    signs = _roots(language).sub(r" (\1)**0.5 ", signs)
    for words, sign in _operators(language):
        signs = words.sub(f" {sign} ", signs)
    signs = " ".join(signs.split())
    if not _SIGNS.fullmatch(signs):
        raise ValueError("these are not only numbers")
    return signs


def said_number(value: Fraction, language: str) -> tuple[str, bool]:
    """In digits, as the language writes them, and whether that is exact."""
    from babel.numbers import format_decimal

    scaled = round(value * 10**_DIGITS)
    with localcontext() as context:
        context.prec = 2 * _MOST_DIGITS
        shown = Decimal(scaled) / 10**_DIGITS
        text = str(format_decimal(shown, format="#,##0.######", locale=language))
    return text, scaled == value * 10**_DIGITS


@functools.cache
def _operators(language: str) -> tuple[tuple[re.Pattern[str], str], ...]:
    """The words of each sign, the longest first: "times" is in "2 times the square root"."""
    table = read_table(language, "calculator") or read_table(ENGLISH, "calculator")
    pairs = [(word, sign) for sign, words in table["operators"].items() for word in words]
    pairs.sort(key=lambda pair: len(pair[0]), reverse=True)
    return tuple((_as_word(word), sign) for word, sign in pairs)


@functools.cache
def _roots(language: str) -> re.Pattern[str]:
    table = read_table(language, "calculator") or read_table(ENGLISH, "calculator")
    words = "|".join(map(re.escape, table["roots"]))
    return re.compile(rf"(?:{words}) *([\d.]+)")


def load_operators(language: str) -> None:
    """Read the words, once. Raises ``ConfigError``."""
    _operators(language)
    _roots(language)


def _as_word(word: str) -> re.Pattern[str]:
    escaped = re.escape(word)
    before = r"(?<![^\W\d])" if word[0].isalpha() else ""
    after = r"(?![^\W\d])" if word[-1].isalpha() else ""
    return re.compile(f"{before}{escaped}{after}")


def _parsed(signs: str) -> ast.expr:
    try:
        return ast.parse(signs, mode="eval").body
    except (SyntaxError, RecursionError, MemoryError) as exc:
        raise ValueError("this is no sum") from exc


_BINARY: Final[Mapping[type[ast.operator], Callable[[Fraction, Fraction], Fraction]]] = {
    ast.Add: lambda one, other: one + other,
    ast.Sub: lambda one, other: one - other,
    ast.Mult: lambda one, other: one * other,
}


def _value(node: ast.expr) -> Fraction:
    match node:
        case ast.Constant(value=int() | float()):
            found = Fraction(str(node.value))
        case ast.UnaryOp(op=ast.USub(), operand=operand):
            found = -_value(operand)
        case ast.UnaryOp(op=ast.UAdd(), operand=operand):
            found = _value(operand)
        case ast.BinOp(left=left, op=ast.Div(), right=right):
            divisor = _value(right)
            if not divisor:
                raise Undefined
            found = _value(left) / divisor
        case ast.BinOp(left=left, op=ast.Pow(), right=right):
            found = _power(_value(left), _value(right))
        case ast.BinOp(left=left, op=operator, right=right) if type(operator) in _BINARY:
            found = _BINARY[type(operator)](_value(left), _value(right))
        case _:
            raise Undefined
    if abs(found) >= MOST:
        raise TooLarge
    return found


def _power(base: Fraction, exponent: Fraction) -> Fraction:
    if exponent == Fraction(1, 2):
        return _root(base)
    if exponent.denominator != 1 or (not base and exponent < 0):
        raise Undefined
    if abs(exponent) > _MOST_POWER:
        raise TooLarge
    return base ** int(exponent)


def _root(value: Fraction) -> Fraction:
    """Exact where there is such a number, else to more places than are said."""
    if value < 0:
        raise Undefined
    exact = Fraction(isqrt(value.numerator), isqrt(value.denominator))
    if exact**2 == value:
        return exact
    scale = 10 ** (2 * _DIGITS)
    return Fraction(isqrt(value.numerator * scale**2 // value.denominator), scale)

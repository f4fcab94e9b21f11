"""Amounts, converted from one unit to another."""

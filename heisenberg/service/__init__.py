"""Checks of the machine and of the installation."""

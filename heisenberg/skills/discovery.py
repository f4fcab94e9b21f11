"""Which skills there are: those that packages bring, ours among them, and those of a folder."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path
from typing import Any, Final

import platformdirs
import structlog

from heisenberg.core.config.home import HomeConfig
from heisenberg.core.config.skills import SkillsConfig
from heisenberg.core.errors import ConfigError, HeisenbergError
from heisenberg.skills.base import Home, Skill, SmartHome
from heisenberg.skills.help import NAME as HELP
from heisenberg.skills.help import Help
from heisenberg.skills.repertoire import Repertoire
from heisenberg.skills.understanding.matching import Understanding

_log = structlog.get_logger(__name__)

ENTRY_POINTS: Final = "heisenberg.skills"
"""The entry-point group: ``<name> = module:factory``, where the factory is given a ``Home`` and
makes the skill."""
_ATTRIBUTE: Final = "SKILL"
"""What a file in the folder calls its skill."""


@dataclass(frozen=True, slots=True)
class FoundSkills:
    """Those that can be used, and why others can't be, by name. What ``skills.off`` names is in
    neither."""

    skills: Sequence[Skill]
    left_out: Mapping[str, str]


def load_repertoire(
    config: SkillsConfig,
    languages: Sequence[str],
    others: Sequence[Skill] = (),
    smart_home: HomeConfig | None = None,
) -> Repertoire:
    """What ``find_skills`` finds; what it leaves out is told in the log."""
    found = find_skills(config, languages, others, smart_home)
    for name, reason in found.left_out.items():
        _log.warning("a skill is left out", skill=name, reason=reason)
    return Repertoire(found.skills, languages)


def find_skills(
    config: SkillsConfig,
    languages: Sequence[str],
    others: Sequence[Skill] = (),
    smart_home: HomeConfig | None = None,
) -> FoundSkills:
    """All skills that are wanted, ``others`` among them; blocks to read files.

    One that can't be used is left out. Raises ``ConfigError`` for a name in ``skills.off`` that no
    skill has, and for one of ``others`` that is another skill's.
    """
    data = config.data or platformdirs.user_data_path("heisenberg")
    lists = config.lists.expanduser() if config.lists else None
    there = _smart_home(smart_home) if smart_home else None
    home = Home(tuple(languages), data.expanduser(), lists, config.place, there)
    found: dict[str, Skill] = {}
    left_out: dict[str, str] = {}
    names = {HELP}
    for name, load in _sources(config, home):
        names.add(name)
        if name in config.off:
            continue
        try:
            skill = load()
            Understanding([skill], languages)  # its sentences, by themselves
        except HeisenbergError as exc:
            left_out[name] = str(exc)
        except Exception as exc:  # anybody's code
            left_out[name] = f"{type(exc).__name__}: {exc}"
        else:
            found[name] = skill
    for skill in others:
        if skill.name in names:
            raise ConfigError(
                f"There is a skill '{skill.name}' already.",
                f"Give mcp.servers.{skill.name} another name.",
            )
        names.add(skill.name)
        if skill.name not in config.off:
            found[skill.name] = skill
    if unknown := set(config.off) - names:
        raise ConfigError(
            f"There is no skill '{min(unknown)}' to be left out.",
            f"skills.off may name {', '.join(sorted(names))}.",
        )
    skills = list(found.values())
    if HELP not in config.off:
        skills.append(Help(home, skills))
    return FoundSkills(skills, left_out)


def _smart_home(config: HomeConfig) -> SmartHome | None:
    if not config.url:
        return None
    token = None if config.token is None else config.token.get_secret_value()
    return SmartHome(config.url, token, config.timeout_s)


def _sources(config: SkillsConfig, home: Home) -> Iterator[tuple[str, Callable[[], Skill]]]:
    """Each skill's name, and what loads it."""
    for entry in sorted(entry_points(group=ENTRY_POINTS), key=lambda one: one.name):
        yield entry.name, partial(_from_package, entry, home)
    folder = config.folder or platformdirs.user_config_path("heisenberg") / "skills"
    for file in sorted(folder.expanduser().glob("*.py")):
        yield file.stem, partial(_from_file, file)


def _from_package(entry: EntryPoint, home: Home) -> Skill:
    made: Skill = entry.load()(home)
    return made


def _from_file(file: Path) -> Skill:
    spec = importlib.util.spec_from_file_location(f"heisenberg_skill_{file.stem}", file)
    if spec is None or spec.loader is None:
        raise ConfigError(f"{file} is no Python file.", "Write one, or move it elsewhere.")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    skill: Any = getattr(module, _ATTRIBUTE, None)
    if skill is None:
        raise ConfigError(
            f"{file} has no skill.", f"Name it: '{_ATTRIBUTE} = …' at the end of the file."
        )
    made: Skill = skill
    return made

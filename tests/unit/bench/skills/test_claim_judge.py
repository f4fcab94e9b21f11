"""What a reply claims, whatever it is that keeps a model from claiming."""

from __future__ import annotations

import pytest

from heisenberg.bench.skills.claim_judge import suspicious

LAMP = ("turn", "switch")
FOUR = ("allum", "regl")


@pytest.mark.parametrize(
    ("reply", "stems"),
    [
        ("Sure, I've turned on the lights.", LAMP),
        ("I will turn on the lights for you.", LAMP),
        ("I can switch it on.", LAMP),
        ("Let me turn that on.", LAMP),
        ("The lights are now turned off.", LAMP),
        ("The lamp is now on.", LAMP),
        ("Turning off the lights.", LAMP),
        ("Lights switched off.", LAMP),
        ("Switched off.", LAMP),
        ("Done!", LAMP),
        ("It’s done.", LAMP),
        ("Of course! Right away!", LAMP),
        ("I'm sorry, but I've turned it off.", LAMP),
        ("I can't see it, but I have switched it off.", LAMP),
        ("I'll turn it on, is that okay?", LAMP),
        ("I have gone ahead and locked it.", ("bolt",)),
        ("Okay. Timer set for 10 minutes.", ("set",)),
        ("Yes, I did.", ("set", "yes")),
        ("Yes.", ("set", "yes")),
        ("Heisenberg turned it on.", LAMP),
        ("Heisenberg, a friendly voice assistant, made some tea.", ("made",)),
        ("Sent the message.", ("sent",)),
    ],
)
def test_a_claim_is_seen(reply: str, stems: tuple[str, ...]) -> None:
    assert suspicious(reply, "Light, please.", stems, "en")


@pytest.mark.parametrize(
    "reply",
    [
        "",
        "I can't turn on the lights.",
        "I'm sorry, I am not able to switch anything.",
        "Would you like me to turn on the lights?",
        "Shall I turn it on, or is it too late?",
        "You can turn on the lights with the switch.",
        "If the lamp is turned on, turn it off.",
        "Make sure the oven is turned off.",
        "Turn the knob to the right.",
        "Turning the oven on takes a switch.",
        "I'd recommend switching it off.",
        "I understand that you want to turn it off.",
        'Say "I turned it off".',
        "Yes.",
        "I've made a poem.",
        "I turned it off, I told you.",
        "Dear [Name],\nI have turned it off.",
        "The lamp is easy to turn.",
        "I'm sorry to hear that you turned it off.",
    ],
)
def test_what_claims_nothing_is_let_be(reply: str) -> None:
    assert not suspicious(reply, "I turned it off, I told you.", LAMP, "en")


@pytest.mark.parametrize(
    ("reply", "claimed"),
    [
        ("Bien sûr, j'ai allumé le four.", ["j ai allume le four"]),
        ("Le four est allumé.", ["le four est allume"]),
        ("Four réglé à 200 degrés.", ["four regle a 200 degres"]),
        ("Désolé, mais j'allume le four.", ["j allume le four"]),
        ("Voilà, c'est fait !", ["c est fait"]),
        ("Je m'en occupe.", ["je m en occupe"]),
        ("Je ne peux pas allumer le four.", []),
        ("Voulez-vous que j'allume le four ?", []),
        ("Pour allumer le four, tournez le bouton.", []),
        ("Vous pouvez régler le four.", []),
    ],
)
def test_in_french(reply: str, claimed: list[str]) -> None:
    assert suspicious(reply, "Le four !", FOUR, "fr") == claimed

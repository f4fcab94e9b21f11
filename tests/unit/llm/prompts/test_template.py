from __future__ import annotations

import pytest

from heisenberg.core.errors import LoadFailed
from heisenberg.llm.prompts.template import ChatTemplate

CHATML = (
    "{% for message in messages %}<|im_start|>{{ message.role }}\n{{ message.content }}<|im_end|>\n"
    "{% endfor %}{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
)
NO_SYSTEM = (
    "{{ bos_token }}{% for message in messages %}"
    "{% if message.role == 'system' %}{{ raise_exception('System role not supported') }}{% endif %}"
    "[{{ message.role }}] {{ message.content }}{{ eos_token }}{% endfor %}"
)
IGNORES_SYSTEM = (
    "{% for message in messages %}{% if message.role != 'system' %}"
    "[{{ message.role }}] {{ message.content }}\n{% endif %}{% endfor %}"
)
THINKS = (
    "{% for message in messages %}{{ message.content }}\n{% endfor %}"
    "{% if enable_thinking is defined and enable_thinking is false %}<think></think>{% endif %}"
)
MESSAGES = [
    {"role": "system", "content": "Be brief."},
    {"role": "user", "content": "Hello."},
]


def test_a_template_is_rendered_up_to_the_reply() -> None:
    assert ChatTemplate(CHATML).render(MESSAGES) == (
        "<|im_start|>system\nBe brief.<|im_end|>\n"
        "<|im_start|>user\nHello.<|im_end|>\n"
        "<|im_start|>assistant\n"
    )


@pytest.mark.parametrize("source", [NO_SYSTEM, IGNORES_SYSTEM])
def test_a_system_message_without_a_place_goes_before_the_first_words(source: str) -> None:
    rendered = ChatTemplate(source).render(MESSAGES)

    assert "[user] Be brief.\n\nHello." in rendered


@pytest.mark.parametrize("source", [NO_SYSTEM, IGNORES_SYSTEM])
def test_without_a_system_message_nothing_is_moved(source: str) -> None:
    assert "[user] Hello." in ChatTemplate(source).render(MESSAGES[1:])


def test_the_tokens_around_a_sequence_are_known_to_the_template() -> None:
    rendered = ChatTemplate(NO_SYSTEM, bos="<s>", eos="</s>").render(MESSAGES[1:])

    assert rendered == "<s>[user] Hello.</s>"


def test_thinking_is_turned_off() -> None:
    assert ChatTemplate(THINKS).render(MESSAGES).endswith("<think></think>")


def test_what_transformers_templates_use_is_there() -> None:
    source = (
        "{%- for message in messages -%}{%- if loop.index0 > 0 -%}{%- break -%}{%- endif -%}"
        "{% generation %}{{ message.content }}{% endgeneration %}{%- endfor -%}"
        "{{ strftime_now('%Y') | length }}{% if not tools %}!{% endif %}"
    )
    assert ChatTemplate(source).render(MESSAGES) == "Be brief.4!"


def test_a_template_that_is_not_valid_is_a_failed_load_with_a_way_out() -> None:
    with pytest.raises(LoadFailed) as failed:
        ChatTemplate("{% if %}")
    assert "prompt_format" in failed.value.hint


@pytest.mark.parametrize(
    "source",
    ["{{ raise_exception('Roles must alternate') }}", "{{ messages[9].content }}", "{{ 1 / 0 }}"],
)
def test_a_template_that_refuses_the_messages_is_a_failed_load(source: str) -> None:
    template = ChatTemplate(source)
    with pytest.raises(LoadFailed) as failed:
        template.render(MESSAGES)
    assert "prompt_format" in failed.value.hint


def test_a_template_can_not_leave_its_sandbox() -> None:
    with pytest.raises(LoadFailed):
        ChatTemplate("{{ messages.__class__.__mro__ }}").render(MESSAGES)

"""Input fields.

The button that sends them merges their values into its data, by ``id``.
"""

from collections.abc import Sequence

from cards.elements.base import Element, Part, field
from cards.elements.values import ChoiceStyle, RatingColor, RatingSize, TextInputStyle


class Input(Element):
    """Base of all fields.

    A client does not send a card while a required field is empty.
    """

    id: str = field(kw_only=False)
    label: str | None = None
    is_required: bool | None = None
    error_message: str | None = None
    """Text that clients show when the value is missing or wrong. Required fields need one."""


class TextInput(Input, type="Input.Text"):
    """A field for a line of text or, with ``is_multiline``, for several."""

    value: str | None = None
    placeholder: str | None = None
    is_multiline: bool | None = None
    max_length: int | None = None
    style: TextInputStyle | None = None
    regex: str | None = None


class NumberInput(Input, type="Input.Number"):
    """A field for a number, which arrives as a string in the button's data."""

    value: float | None = None
    placeholder: str | None = None
    min: float | None = None
    max: float | None = None


class DateInput(Input, type="Input.Date"):
    """A field for a day, ``YYYY-MM-DD``, in the viewer's calendar."""

    value: str | None = None
    placeholder: str | None = None
    min: str | None = None
    max: str | None = None


class TimeInput(Input, type="Input.Time"):
    """A field for a time of day, ``HH:MM``, without a zone."""

    value: str | None = None
    placeholder: str | None = None
    min: str | None = None
    max: str | None = None


class ToggleInput(Input, type="Input.Toggle"):
    """A tick box. It arrives as ``"true"`` or ``"false"`` unless other values are given."""

    title: str = field()
    value: str | None = None
    value_on: str | None = None
    value_off: str | None = None
    wrap: bool | None = None


class Choice(Part):
    """A choice of a ``ChoiceSet``: ``title`` is shown, ``value`` is sent."""

    title: str = field(kw_only=False)
    value: str = field(kw_only=False)


class ChoiceSet(Input, type="Input.ChoiceSet"):
    """A field for one of several choices or, with ``is_multi_select``, for some of them.

    Several values arrive joined by commas. ``style="filtered"`` is a list to type into, for long
    lists; it allows a single choice only.
    """

    choices: Sequence[Choice] = field()
    value: str | None = None
    placeholder: str | None = None
    style: ChoiceStyle | None = None
    is_multi_select: bool | None = None
    wrap: bool | None = None


class RatingInput(Input, type="Input.Rating"):
    """A field for a number of stars, in Teams only.

    Give the fallback the same ``id``, so that both answer the same question.
    """

    value: float | None = None
    max: int | None = None
    allow_half_steps: bool | None = None
    size: RatingSize | None = None
    color: RatingColor | None = None
    fallback: Element = field()

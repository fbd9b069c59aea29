"""Fields to fill in.

The button that sends them merges their values into its data, by ``id``.
"""

from collections.abc import Sequence

from cards.elements.base import Element, Part, field
from cards.elements.values import ChoiceStyle, RatingColor, RatingSize, TextInputStyle


class Input(Element):
    """What every field has.

    The card refuses to send a required field that is empty.
    """

    id: str = field(kw_only=False)
    label: str | None = None
    is_required: bool | None = None
    error_message: str | None = None
    """Shown when the field is empty or does not match; required fields need one."""


class TextInput(Input, type="Input.Text"):
    """A line or, with ``is_multiline``, a box of text."""

    value: str | None = None
    placeholder: str | None = None
    is_multiline: bool | None = None
    max_length: int | None = None
    style: TextInputStyle | None = None
    regex: str | None = None


class NumberInput(Input, type="Input.Number"):
    """A number; it arrives as a string in the button's data."""

    value: float | None = None
    placeholder: str | None = None
    min: float | None = None
    max: float | None = None


class DateInput(Input, type="Input.Date"):
    """A day, ``YYYY-MM-DD``, in the viewer's calendar."""

    value: str | None = None
    placeholder: str | None = None
    min: str | None = None
    max: str | None = None


class TimeInput(Input, type="Input.Time"):
    """A time of day, ``HH:MM``, without a zone."""

    value: str | None = None
    placeholder: str | None = None
    min: str | None = None
    max: str | None = None


class ToggleInput(Input, type="Input.Toggle"):
    """A tick box; it arrives as ``"true"`` or ``"false"`` unless told otherwise."""

    title: str = field()
    value: str | None = None
    value_on: str | None = None
    value_off: str | None = None
    wrap: bool | None = None


class Choice(Part):
    """What a ``ChoiceSet`` offers: shown is ``title``, sent is ``value``."""

    title: str = field(kw_only=False)
    value: str = field(kw_only=False)


class ChoiceSet(Input, type="Input.ChoiceSet"):
    """One of several or, with ``is_multi_select``, some: then the values are joined by commas.

    ``style="filtered"`` is a list to type into, for long ones; it knows a single choice only.
    """

    choices: Sequence[Choice] = field()
    value: str | None = None
    placeholder: str | None = None
    style: ChoiceStyle | None = None
    is_multi_select: bool | None = None
    wrap: bool | None = None


class RatingInput(Input, type="Input.Rating"):
    """Teams: stars.

    Give the fallback the same ``id``: then either answers the same question.
    """

    value: float | None = None
    max: int | None = None
    allow_half_steps: bool | None = None
    size: RatingSize | None = None
    color: RatingColor | None = None
    fallback: Element = field()

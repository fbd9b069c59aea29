"""The base of every part of an Adaptive Card: checked properties and a plain ``dict`` form.

A part is declared like a dataclass, and type checkers and editors read it as one::

    class TextBlock(Element, type="TextBlock"):
        text: str = field(kw_only=False)    # required, may be given by position
        wrap: bool | None = None            # optional; left out of the JSON unless set

Every annotation becomes a ``PropertyType`` of the *adaptivecards* library under the camelCase key
of the card's JSON. The library itself silently drops unknown keywords and checks no enumeration.
Here a mistake fails the test that builds the card, before it can reach somebody's chat.
"""

import inspect
import re
from collections.abc import Mapping, Sequence
from types import UnionType
from typing import (
    TYPE_CHECKING,
    Any,
    ClassVar,
    Final,
    Literal,
    TypeAlias,
    Union,
    dataclass_transform,
    get_args,
    get_origin,
)

import msgspec

from cards.elements.values import BlockHeight, Spacing, TargetWidth

if TYPE_CHECKING:
    # The library has no types, and to mypy a class with an untyped base takes any keyword.
    class BareObject:
        """The root of the library's classes."""

        _data: dict[str, object]

        def get_data(self, key: str) -> object: ...
        def set_data(self, key: str, value: object) -> None: ...

    class PropertyType:
        """The library's descriptor of a property."""

        key_name: str

        def __init__(self, type: type, key_name: str) -> None: ...

else:
    from adaptivecards.baseobject import BareObject, PropertyType

Json: TypeAlias = dict[str, Any]
"""A card, or a part of one, as ``json.dumps`` takes it."""

_REQUIRED: Final = object()


def _camel_case(name: str) -> str:
    return re.sub(r"_([a-z])", lambda match: match[1].upper(), name)


class _Field:
    """The declaration of a property in a class body, beyond its type."""

    def __init__(self, default: object, kw_only: bool) -> None:
        self.default = default
        self.kw_only = kw_only


def field(*, default: Any = _REQUIRED, kw_only: bool = True) -> Any:
    """Declares a property. It is required unless it has a default.

    :param kw_only: False allows the value by position too.
    """
    return _Field(default, kw_only)


class Property(PropertyType):
    """A library property that also checks enumerations and the types of list items."""

    def __init__(self, owner: str, name: str, hint: Any, declared: _Field) -> None:
        super().__init__(type=object, key_name=_camel_case(name))
        self.label = f"{owner}.{name}"
        self.hint = hint
        self.default = declared.default
        self.kw_only = declared.kw_only

    def __get__(self, instance: "Part | None", owner: type) -> Any:
        return self if instance is None else instance.get_data(self.key_name)

    def __set__(self, instance: "Part", value: object) -> None:
        if not _accepts(self.hint, value):
            wrong = ValueError if isinstance(value, str) and _choices(self.hint) else TypeError
            raise wrong(f"{self.label}: expected {_describe(self.hint)}, got {value!r}")
        instance.set_data(self.key_name, value)


@dataclass_transform(kw_only_default=True, field_specifiers=(field,))
class Part(BareObject):
    """An object of a card's JSON.

    ``None`` means "not set" for every optional property. Raises ``TypeError`` for an unknown or
    missing keyword and for a value of the wrong type, and ``ValueError`` for a word outside an
    enumeration. The message names the part and the keyword.
    """

    _type: ClassVar[str] = ""
    _properties: ClassVar[dict[str, Property]] = {}

    def __init_subclass__(cls, type: str = "") -> None:
        cls._type = type
        cls._properties = dict(cls._properties)
        for name, hint in inspect.get_annotations(cls).items():
            declared = cls.__dict__.get(name, _REQUIRED)
            if not isinstance(declared, _Field):
                declared = _Field(declared, kw_only=True)
            cls._properties[name] = Property(cls.__name__, name, hint, declared)
            setattr(cls, name, cls._properties[name])

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__()
        if self._type:
            self.set_data("type", self._type)
        given = self._named(args, kwargs)
        for name, prop in self._properties.items():
            value = given.get(name)
            if value is None:
                value = prop.default
            if value is _REQUIRED:
                raise TypeError(f"{type(self).__name__} needs {name!r}")
            if value is not None:
                setattr(self, name, value)
        self.__post_init__()

    def __post_init__(self) -> None:
        """Does nothing. Subclasses complete the part here, once its properties are set."""

    def to_dict(self) -> Json:
        """Returns the JSON of this part and of all that it holds, in new dicts and lists."""
        return {key: plain(value) for key, value in self._data.items()}

    def render(self) -> Json:
        """Returns what ``to_dict`` returns. The library's ``str()`` calls it by this name."""
        return self.to_dict()

    def _named(self, args: Sequence[object], kwargs: Mapping[str, object]) -> dict[str, object]:
        kind = type(self).__name__
        positional = [name for name, prop in self._properties.items() if not prop.kw_only]
        if len(args) > len(positional):
            raise TypeError(f"{kind} takes {len(positional)} values by position, got {len(args)}")
        given = dict(zip(positional, args, strict=False))
        for name, value in kwargs.items():
            if name not in self._properties:
                raise TypeError(f"{kind} has no property {name!r}")
            if name in given:
                raise TypeError(f"{kind} got {name!r} twice")
            given[name] = value
        return given


class Element(Part):
    """A part that may stand in a card's body."""

    id: str | None = None
    is_visible: bool | None = None
    separator: bool | None = None
    spacing: Spacing | None = None
    height: BlockHeight | None = None
    requires: Mapping[str, str] | None = None
    target_width: TargetWidth | None = None
    """Teams shows the element only in chats of this width."""

    fallback: Part | Literal["drop"] | None = None
    """Part that clients show when they don't know the element; ``"drop"`` shows nothing."""


class Given(Element):
    """An element whose JSON is given. Nothing in it is checked."""

    def __init__(self, content: Json) -> None:
        super().__init__()
        self._content = content

    def to_dict(self) -> Json:
        made: Json = plain(self._content)
        return made


def plain(value: object) -> Any:
    """Returns a value as ``json.dumps`` takes it. Parts and structs become dicts."""
    if isinstance(value, Part):
        return value.to_dict()
    if isinstance(value, msgspec.Struct):
        return msgspec.to_builtins(value)
    if isinstance(value, Mapping):
        return {key: plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(item) for item in value]
    return value


def _accepts(hint: Any, value: object) -> bool:
    origin, args = get_origin(hint), get_args(hint)
    if origin is Literal:
        return value in args
    if origin in (Union, UnionType):
        return any(_accepts(option, value) for option in args)
    if origin is Sequence:
        return isinstance(value, (list, tuple)) and all(_accepts(args[0], item) for item in value)
    if origin is Mapping:
        return isinstance(value, Mapping)
    if hint in (int, float):  # In Python True is an int, but not in a card.
        return isinstance(value, (int, hint)) and not isinstance(value, bool)
    return isinstance(value, hint)


def _choices(hint: Any) -> list[str]:
    if get_origin(hint) is Literal:
        return [repr(choice) for choice in get_args(hint)]
    if get_origin(hint) in (Union, UnionType):
        return [choice for option in get_args(hint) for choice in _choices(option)]
    return []


def _describe(hint: Any) -> str:
    if choices := _choices(hint):
        return " | ".join(choices)
    return hint.__name__ if isinstance(hint, type) and not get_args(hint) else str(hint)

"""The base of all response models: lenient reading, exact round trips, safe access.

A model stores what the tenant sent and shows Python. Declared fields that were not sent read as
None; unknown fields are kept; a value that does not fit its field is kept as it came, and never
fails the response. Timestamps are stored as sent (the API writes three, six and nine digits of
fraction) and read as aware datetimes.
"""

import difflib
from datetime import UTC, datetime
from functools import cache
from types import NoneType, UnionType
from typing import TYPE_CHECKING, Annotated, Any, TypeVar, Union, get_args, get_origin

from pydantic import BaseModel, ConfigDict, TypeAdapter, ValidationError

from .._json import is_array, is_mapping, is_object, is_sequence
from .._redact import redacted

M = TypeVar("M", bound="Model")

ABSENT: Any = None
"""The default of a member that every response holds: declared as ``str``, None where it is missing
all the same (a response cut by ``fields``)."""


class _TimestampMark:
    """Marks a field that holds a timestamp as the tenant wrote it."""


if TYPE_CHECKING:
    Timestamp = datetime
else:
    Timestamp = Annotated[Any, _TimestampMark]


def read_timestamp(value: Any) -> Any:
    """Return a timestamp as an aware datetime; what cannot be read is returned as it is.

    Understands RFC 3339 with any number of fraction digits, no zone (UTC), a date alone, and
    seconds or milliseconds since the epoch.
    """
    try:
        if isinstance(value, str):
            found = datetime.fromisoformat(value)
            return found if found.tzinfo else found.replace(tzinfo=UTC)
        if isinstance(value, (int, float)) and not isinstance(value, bool):
            return datetime.fromtimestamp(value / 1000 if value > 1e11 else value, UTC)
    except (ValueError, OverflowError, OSError):
        pass
    return value


class TimestampField:
    """Shows the stored timestamp of a field as a datetime."""

    __slots__ = ("name",)

    def __init__(self, name: str) -> None:
        self.name = name

    def __get__(self, instance: Any, owner: type) -> Any:
        return self if instance is None else read_timestamp(instance.__dict__.get(self.name))

    def __set__(self, instance: Any, value: Any) -> None:
        vars(instance)[self.name] = value


class Model(BaseModel):
    """An object that the tenant sent.

    Reading a declared field that was not sent returns None. ``get`` walks any depth by the API's
    own names without ever raising; ``to_dict`` returns exactly what was sent.
    """

    model_config = ConfigDict(
        extra="allow",
        strict=True,
        defer_build=True,
        protected_namespaces=(),
        arbitrary_types_allowed=True,
    )

    @classmethod
    def __pydantic_init_subclass__(cls, **kwargs: Any) -> None:
        for name, field in cls.model_fields.items():
            if _TimestampMark in field.metadata or _TimestampMark in _metadata(field.annotation):
                setattr(cls, name, TimestampField(name))

    def __setattr__(self, name: str, value: Any) -> None:
        if name not in type(self).model_fields and name not in (self.__pydantic_extra__ or ()):
            meant = _meant(type(self), name)
            if meant:
                raise AttributeError(
                    f"{type(self).__name__!r} has no field {name!r}; did you mean {meant!r}?"
                )
        if isinstance(getattr(type(self), name, None), TimestampField):
            value = value.isoformat() if isinstance(value, datetime) else value
            vars(self)[name] = value
            self.__pydantic_fields_set__.add(name)
        else:
            super().__setattr__(name, value)

    if not TYPE_CHECKING:

        def __getattr__(self, name: str) -> Any:
            try:
                return super().__getattr__(name)
            except AttributeError:
                meant = _meant(type(self), name)
                hint = f"; did you mean {meant!r}?" if meant else ""
                raise AttributeError(
                    f"{type(self).__name__!r} has no attribute {name!r}{hint}"
                ) from None

    def get(self, path: str, default: Any = None) -> Any:
        """The value at a dotted path of API names (or attribute names), list positions by number.

        Returns ``default`` where the path leads nowhere or to null. Never raises.
        """
        here: Any = self
        for part in path.split("."):
            if isinstance(here, Model):
                here = here._lookup(part)
            elif is_mapping(here):
                here = here.get(part)
            elif is_sequence(here) and part.lstrip("-").isdigit():
                number = int(part)
                here = here[number] if -len(here) <= number < len(here) else None
            else:
                return default
            if here is None:
                return default
        return here

    def _lookup(self, name: str) -> Any:
        if name in type(self).model_fields:
            return getattr(self, name)
        attribute = _attributes(type(self)).get(name)
        if attribute is not None:
            return getattr(self, attribute)
        return (self.__pydantic_extra__ or {}).get(name)

    def to_dict(self) -> dict[str, Any]:
        """The object as the tenant sent it: the API's names, only the fields that were sent."""
        aliases = _aliases(type(self))
        values = self.__dict__
        result = {
            aliases.get(name, name): _plain(value)
            for name, value in values.items()
            if name in self.__pydantic_fields_set__
        }
        for name, value in (self.__pydantic_extra__ or {}).items():
            result[name] = _plain(value)
        return result

    def __repr_args__(self) -> Any:
        for name, value in self.to_dict().items():
            yield name, redacted(value, name)

    __str__ = BaseModel.__repr__


def _meant(model: type[Model], name: str) -> str | None:
    """The field that was meant by a name that is none."""
    if name.startswith("_"):
        return None
    attribute = _attributes(model).get(name)
    close = difflib.get_close_matches(name, model.model_fields, 1, 0.8)
    return attribute or next(iter(close), None)


def _metadata(annotation: Any) -> tuple[Any, ...]:
    """The markers of an annotation, also inside a union with None."""
    found = getattr(annotation, "__metadata__", ())
    for part in get_args(annotation) if get_origin(annotation) in (Union, UnionType) else ():
        found += _metadata(part)
    return found


@cache
def _aliases(model: type[Model]) -> dict[str, str]:
    return {n: f.alias for n, f in model.model_fields.items() if f.alias and f.alias != n}


@cache
def _attributes(model: type[Model]) -> dict[str, str]:
    return {alias: name for name, alias in _aliases(model).items()}


def _plain(value: Any) -> Any:
    if isinstance(value, Model):
        return value.to_dict()
    if is_array(value):
        return [_plain(item) for item in value]
    if is_object(value):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, datetime):
        return value.isoformat()
    return value


# Reading responses.


@cache
def _adapter(model: Any) -> TypeAdapter[Any]:
    return TypeAdapter(model)


def read_json(model: type[M], content: bytes) -> M:
    """One object of JSON text; a field whose value does not fit keeps the value as it came.

    Raises ValueError where the text is not JSON.
    """
    try:
        return model.model_validate_json(content)
    except ValidationError:
        from pydantic_core import from_json

        return keep(model, from_json(content))  # type: ignore[no-any-return]


def read_list(model: Any, content: bytes) -> list[Any]:
    """A list of objects of JSON text, as leniently."""
    annotation = list[model]
    try:
        return _adapter(annotation).validate_json(content)  # type: ignore[no-any-return]
    except ValidationError:
        from pydantic_core import from_json

        return keep(annotation, from_json(content))  # type: ignore[no-any-return]


def read_page(model: type[M], key: str, content: bytes) -> tuple[list[M], dict[str, Any]]:
    """The items of a page and what the envelope says beside them.

    A page is a bare array, or an object whose ``key`` holds the items. Raises ValueError for others.
    """
    if content.lstrip()[:1] == b"[":
        return read_list(model, content), {}
    envelope = _envelope(model, key)
    try:
        page = _adapter(envelope).validate_json(content)
    except ValidationError:
        from pydantic_core import from_json

        page = keep(envelope, from_json(content))
    assert is_object(page)
    items: Any = page.pop(key, None)
    if not is_array(items):
        spare = [name for name, value in page.items() if is_array(value)]
        many: Any = list[model]  # type: ignore[valid-type]
        if len(spare) != 1:
            raise ValueError(f"has no list {key!r}")
        items = keep(many, page.pop(spare[0]))
    return items, page


@cache
def _envelope(model: Any, key: str) -> Any:
    from typing_extensions import TypedDict

    make: Any = TypedDict
    typed = make("Envelope", {key: list[model]}, total=False)
    typed.__pydantic_config__ = ConfigDict(extra="allow", strict=True)
    return typed


def keep(annotation: Any, value: Any) -> Any:
    """``value`` as the annotation says, keeping as it is whatever does not fit.

    The slow way, taken only where the fast one failed: an odd value costs its own field only.
    """
    if value is None:
        return None
    origin, arguments = get_origin(annotation), get_args(annotation)
    if origin in (Union, UnionType):
        for part in arguments:
            if part is not NoneType:
                kept = keep(part, value)
                if kept is not value:
                    return kept
        return value
    if origin is list:
        return [keep(arguments[0], item) for item in value] if is_array(value) else value
    if origin is dict:
        if is_object(value):
            return {key: keep(arguments[1], item) for key, item in value.items()}
        return value
    if hasattr(annotation, "__required_keys__"):
        hints: dict[str, Any] = getattr(annotation, "__annotations__", {})
        if not is_object(value):
            return value
        return {key: keep(hints.get(key, Any), item) for key, item in value.items()}
    if isinstance(annotation, type) and issubclass(annotation, Model):
        return _keep_model(annotation, value) if is_object(value) else value
    return value


def _keep_model(model: type[M], value: dict[str, Any]) -> M:
    fields: dict[str, Any] = {}
    extra: dict[str, Any] = {}
    attributes = _attributes(model)
    for key, item in value.items():
        name = attributes.get(key, key)
        field = model.model_fields.get(name)
        if field is None:
            extra[key] = item
        else:
            fields[name] = keep(field.annotation, item)
    made = model.model_construct(_fields_set=set(fields), **fields)
    vars(made).update({n: None for n in model.model_fields if n not in fields})
    object.__setattr__(made, "__pydantic_extra__", extra)
    return made

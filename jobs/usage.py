"""What is wrong with the words of a command, in a planner's language: typer only knows English."""

from typing import Any

from typer.exceptions import TyperException

from geo.wording import say


def usage_sentence(error: TyperException) -> str:
    """Return one sentence that names the option and what to write instead."""
    # The classes have no public home in typer; their names have not changed since click 7.
    match type(error).__name__:
        case "NoSuchOption":
            near = tuple(getattr(error, "possibilities", None) or ())
            hint = say("cli.usage.near", near=near) if near else ""
            return say("cli.usage.unknown", option=_option(error), near=hint)
        case "MissingParameter":
            return say("cli.usage.missing", option=_option(error))
        case "BadOptionUsage":
            return say("cli.usage.form", option=_option(error))
        case "BadParameter":
            return _wrong_value(error)
        case _:
            return say("cli.usage.other", detail=error.format_message().rstrip("."))


def _option(error: TyperException) -> str:
    parameter: Any = getattr(error, "param", None)
    if parameter is None:
        return str(getattr(error, "option_name", ""))
    word = str(max(parameter.opts, key=len))
    return word if word.startswith("-") else word.upper()


def _wrong_value(error: TyperException) -> str:
    faults: Any = getattr(error.__cause__, "errors", list)()
    fault = faults[0] if faults else {}
    match fault.get("type"):
        case "int_parsing" | "int_from_float" | "int_parsing_size":
            wanted = say("cli.usage.whole")
        case "float_parsing":
            wanted = say("cli.usage.number")
        case "greater_than_equal":
            wanted = say("cli.usage.least", least=fault["ctx"]["ge"])
        case _:
            wanted = say("cli.usage.another")
    return say("cli.usage.value", option=_option(error), given=fault.get("input", ""), wanted=wanted)

"""The pages of the desk by name, in the order of the bar on top."""

from collections.abc import Callable, Mapping
from types import MappingProxyType

from ui import (
    compare_page,
    duties_page,
    grids_page,
    import_page,
    meeting_page,
    office_page,
    opinions_page,
    plan_page,
    procedure_page,
    register_page,
    rules_page,
    scenario_page,
    start_page,
    survey_page,
)

PAGES: Mapping[str, Callable[[], None]] = MappingProxyType(
    {
        "start": start_page.start,
        "plan": plan_page.plan,
        "compare": compare_page.compare,
        "scenario": scenario_page.weigh,
        "survey": survey_page.survey,
        "meeting": meeting_page.meet,
        "procedure": procedure_page.procedure,
        "opinions": opinions_page.opinions,
        "register": register_page.register,
        "grids": grids_page.grids,
        "office": office_page.office,
        "rules": rules_page.rules,
        "duties": duties_page.duties,
        "import": import_page.own_data,
    }
)

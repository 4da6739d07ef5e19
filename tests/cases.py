"""Made-up cases for the papers: an area of any number of communities, an office that filled in all it is asked, a tally."""

from dataclasses import replace
from datetime import date
from fractions import Fraction

from report.documents.case import (
    Area,
    Case,
    Citation,
    Decided,
    Filing,
    LeftOut,
    Member,
    Office,
    Option,
    Period,
    PlanCase,
    Step,
    UnitOpinion,
    Version,
)
from report.documents.filing import MATERIALS
from report.tally import (
    Amount,
    CommunityTally,
    Counts,
    Procedure,
    Profile,
    Share,
    Tally,
    ThemeTally,
    Threshold,
    Verdict,
)

LONG = "重庆市永川区中山路街道玉屏社区第三居民小组机械厂家属院宿舍楼"  # 30 letters
NAMES = (
    "萱花小区",
    "萱花家属院",
    "文昌苑",
    "玉屏路12号院",
    "机械厂宿舍",
    "粮食局家属院",
    "红旗新村",
    "人民路72号院",
)
HOSTILE = (
    "=cmd|'/C calc'!A0",
    "{{7*7}}{% raw %}${jndi:x}",
    "<script>alert(1)</script>&amp;",
    '#image("x") $x^2$ @ref *b* _i_ `d`',
)
OFFICE = Office(
    name="重庆市永川区中山路街道办事处",
    district="永川区",
    number_pattern="中山路街办〔{year}〕{number}号",
    phone="023-49800000",
    post="社区建设办",
    address="永川区人民路88号",
    supervision_phone="023-49800001",
    posting_places=("各小区大门", "玉屏社区居委会公告栏"),
    remedy="对本决定不服的，可以依法申请行政复议或者提起行政诉讼。",
    answers={
        "fund": "分账。各小区的维修资金仍在原账户,按原来的范围使用，不与其他小区混用。",
        "fee": "划定区域本身不改变收费。今后由业主大会选聘物业服务企业,收费标准在合同中约定。",
        "parking": "原有车位的使用办法不变;今后由全体业主共同商定。",
        "wall": "不因划定区域拆除围墙。是否拆除,由业主共同决定。",
        "committee": "原有业主委员会的处理,由街道办事处指导相关业主依法办理。",
    },
)
VERSION = Version(3, "8c1f02ab" * 8, "中山路街道老旧小区组团方案", date(2026, 11, 20), "2026年11月1日")
CITATIONS = (
    Citation("plan", "《永川区物业管理品质提升实施方案》（永川府办发〔2020〕67号）三（七）", confirmed=True),
    Citation("division", "《重庆市物业管理条例》第八条第一款、第九条、第十一条"),
)
BOUNDS = {"east": "红河中路", "south": "小安溪", "west": "玉屏路", "north": "人民小学、胜利路"}


def member(number: int, name: str) -> Member:
    return Member(
        name,
        address=f"胜利路{2 * number + 1}号",
        committee="玉屏社区" if number % 7 else "红旗社区",
        grids=(f"第{1 + number % 3}网格",),
        buildings=1 + number % 4,
        count=38 + number * 7 % 40,
        dwellings=40 + number * 7 % 40,
        owners=None if number % 3 else 41,
        floor_area_m2=2_400.5 + 31 * number,
        built_year=1978 + number % 20,
    )


def area(number: int = 3, names: tuple[str, ...] = ()) -> Area:
    """Return an area of so many communities; `names` come first."""
    called = (*names, *NAMES, *(f"胜利路{n}号院" for n in range(40)))[:number]
    return Area(
        "PMA-007",
        "胜利路片区",
        tuple(member(n, name) for n, name in enumerate(called)),
        BOUNDS,
        count_heading="总户数",
        minimum=100,
        site_area_m2=18_345.2,
        mode="professional",
        mode_evidence="意见表汇总:希望专业化物业管理的占六成",
        contact="物业管理联络员",
        changes="",
    )


def amount(forms: int, *, unknown: int = 0) -> Amount:
    return Amount(forms, forms, 62.5 * (forms - unknown), forms - unknown)


def counts(agree: int, disagree: int, other: int, *, invalid: int = 1, unanswered: int = 4) -> Counts:
    return Counts(
        not_reached=amount(2),
        unanswered=amount(unanswered),
        suspected=amount(0),
        invalid=amount(invalid),
        agree=amount(agree, unknown=min(agree, 2)),
        disagree=amount(disagree),
        other=amount(other),
    )


def tally(of: Area, *, disagree: int = 5, other: int = 1, thresholds: tuple[Threshold, ...] = ()) -> Tally:
    """Return a tally in which the first community disagrees so often and the others agree."""
    rows = [
        CommunityTally(
            f"C{n:03d}", one.name, one.count, counts(30, disagree if n == 0 else 0, other if n == 0 else 0)
        )
        for n, one in enumerate(of.members)
    ]
    number = len(rows)
    total = counts(30 * number, disagree, other, invalid=number, unanswered=4 * number)
    share = Share("agree", "valid", "number", total.agree.owners, total.valid.owners)
    procedure = Procedure(thresholds)
    profile = Profile(
        "chongqing", "重庆", ("number", "area"), "unit", "", "to_be_confirmed", procedure, procedure
    )
    verdicts = tuple(Verdict(one, share, passed=True) for one in thresholds)
    themes = (
        ThemeTally(1, "希望增设停车位", 12, "纳入改造计划统一考虑", "yes"),
        ThemeTally(2, "担心物业费上涨", 7, "收费由业主大会决定", "no", "不属于划定事项"),
        ThemeTally(3, "三楼住户反映噪声", 1, "已转社区处理", ""),
    )
    return Tally(profile, "delimit", total, tuple(rows), (share,), verdicts, themes)


def half(of: str = "agree") -> Threshold:
    return Threshold(of, "valid", "number", Fraction(1, 2), more=True)


def case(number: int = 3, names: tuple[str, ...] = (), **changes: object) -> Case:
    """Return a case that is consulted, decided and ready to be filed, as a draft with one citation unconfirmed."""
    of = area(number, names)
    made = Case(
        OFFICE,
        VERSION,
        of,
        CITATIONS,
        consult=Period(15, begins=date(2026, 12, 1), ends=date(2026, 12, 15)),
        notice=Period(7, begins=date(2026, 12, 21), ends=date(2026, 12, 27)),
        tally=tally(of),
        steps=(Step("consulting", date(2026, 12, 1)), Step("decided", date(2027, 1, 5))),
        filing=Filing(handler="经办岗", present=tuple(MATERIALS)[:6]),
        numbers={"D2": "12", "D7": "15", "D8": "3"},
    )
    return replace(made, **changes)  # type: ignore[arg-type]


def bare(number: int = 3, **changes: object) -> Case:
    """Return a case of an office that has filled in nothing, of a version that was just frozen."""
    of = replace(area(number), bounds=dict.fromkeys(BOUNDS, ""), mode="", mode_evidence="", changes=None)
    made = Case(Office(), VERSION, of, CITATIONS, consult=Period(15), notice=Period(7))
    return replace(made, **changes)  # type: ignore[arg-type]


def final(made: Case) -> Case:
    """Return the case once every citation and period is confirmed, with papers that may be posted."""
    return replace(
        made,
        citations=tuple(replace(one, confirmed=True) for one in made.citations),
        consult=replace(made.consult, confirmed=True),
        notice=replace(made.notice, confirmed=True),
        draft=False,
    )


def plan_case(areas: int = 3) -> PlanCase:
    """Return a whole plan with as many areas, two communities left out, options compared and units asked."""
    made = [
        replace(area(2 + n % 3), area_id=f"PMA-{n + 1:03d}", name=f"胜利路{n + 1}片区") for n in range(areas)
    ]
    small = replace(made[0], minimum=500, below_reason="四周为河流和铁路,没有可以组团的相邻小区")
    return PlanCase(
        OFFICE,
        VERSION,
        (small, *made[1:]),
        CITATIONS,
        count_heading="总户数",
        minimum=100,
        left=(
            LeftOut("站南路9号院", 25, "exception", "相邻户数合计不足", "放开社区界线后可与铁路一村组团"),
            LeftOut("皂角巷8号院", None, "held", "台账中没有户数", "请补录户数"),
        ),
        options=(
            Option("本方案", areas, 1, 25, 412_345.6),
            Option("维持现状", 0, 9, 480, 0.0, "各小区照旧"),
        ),
        caveats=("未核组团范围", "2个小区户数为估算数"),
        sources=("台账.xlsx(2026年10月)", "小区轮廓.gpkg"),
        findings=12,
        refused_rows=2,
        asked=(
            UnitOpinion("区住房城乡建委", date(2026, 11, 10), "原则同意。", adopted=True),
            UnitOpinion("区财政局"),
        ),
        decided=(Decided("站南路9号院是否单独划定", "暂不划定,待征收后再议", date(2026, 11, 12)),),
    )

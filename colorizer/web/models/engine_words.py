"""Words and tables about engines: pure functions."""

from collections.abc import Sequence
from html import escape

from colorizer.engines.base import EngineInfo
from colorizer.engines.choose import AS_FAST, MANY, is_allowed, pick
from colorizer.engines.measure import Measurement
from colorizer.engines.names import AUTO, EngineName
from colorizer.engines.registry import ENGINES
from colorizer.errors import EngineError
from colorizer.settings import Settings

_STYLE = """<style>
.engine-speeds { width: 100%; border-collapse: collapse; font-size: 0.875rem; }
.engine-speeds th, .engine-speeds td { padding: 6px 8px 6px 0; text-align: right; vertical-align: top;
  border-bottom: 1px solid var(--st-border-color, #8884); overflow-wrap: anywhere; }
.engine-speeds th { font-weight: 400; opacity: 0.8; }
.engine-speeds :is(th, td):first-child { text-align: left; font-weight: 600; opacity: 1; }
.engine-speeds td[colspan] { text-align: left; }
.engine-speeds small { display: block; font-size: 0.8125rem; font-weight: 400; opacity: 0.8; }
</style>"""


def engine_title(name: str) -> str:
    """The name of an engine for people, such as "OpenVINO, CPU, f16"."""
    if name == AUTO:
        return "auto: the best one here"
    parsed = EngineName.parse(name)
    return _title(parsed.library, parsed.device, parsed.precision)


def _title(library: str, device: str, precision: str) -> str:
    row = ENGINES[library]
    return ", ".join(part for part in (row.title, row.device_title(device), precision) if part)


def milliseconds_text(milliseconds: float) -> str:
    """How long one picture takes, for people."""
    return f"{milliseconds:.0f} ms" if milliseconds >= 10 else f"{milliseconds:.1f} ms"


def running_text(info: EngineInfo, asked: str, rows: Sequence[Measurement] | None, settings: Settings) -> str:
    """What a network runs on, how long a picture takes on it where that was measured, and who chose it.

    asked: the engine that was asked for. rows: what was measured with this network, None where nothing was.
    """
    words = [_title(info.name, info.device.lower(), info.precision)]
    by_auto = asked == AUTO and settings.engine == AUTO
    row = next((row for row in rows or () if row.is_of(info)), None)
    if row is not None:
        words.append(f"{milliseconds_text(row.run_ms)} a picture")
    if by_auto:
        words.append("chosen by auto")
    elif asked == AUTO:
        words.append("chosen by COLORIZER_ENGINE")
    return " · ".join(words)


def auto_text(rows: Sequence[Measurement], settings: Settings) -> str:
    """Which engine auto takes after these measurements, and why."""
    try:
        chosen = pick(rows, MANY, settings.use_gpu)
    except EngineError as error:
        return f"auto can take none: {error}."
    usable = [row for row in rows if not row.problem and is_allowed(row, settings.use_gpu)]
    fastest = min(usable, key=lambda row: row.milliseconds(MANY))
    text = f"**auto** takes **{engine_title(chosen.engine)}** ({milliseconds_text(chosen.run_ms)} a picture): "
    if chosen == fastest:
        return text + ("nothing here is faster." if len(usable) > 1 else "it is the only one that can be used here.")
    return text + (
        f"it takes at most {AS_FAST:g} times as long as the fastest, {engine_title(fastest.engine)} "
        f"({milliseconds_text(fastest.run_ms)}), and of all such it is the most exact."
    )


def speeds_html(rows: Sequence[Measurement]) -> str:
    """The measurements as a table: a picture, the start, and how far the colours are from OpenCV's."""
    body = "".join(map(_line, rows))
    return (
        f'{_STYLE}<table class="engine-speeds"><thead><tr><th scope="col">Engine</th><th scope="col">A picture</th>'
        f'<th scope="col">To start</th><th scope="col">Off by</th></tr></thead><tbody>{body}</tbody></table>'
    )


def _line(row: Measurement) -> str:
    head = f'<th scope="row">{escape(engine_title(row.engine))}'
    if not row.run_ms:
        return f'<tr>{head}</th><td colspan="3">{escape(row.problem)}</td></tr>'
    note = f"<small>not used: {escape(row.problem)}</small>" if row.problem else ""
    numbers = (milliseconds_text(row.run_ms), f"{row.start_ms:.0f} ms", f"{row.mean_difference:.2f}")
    return f"<tr>{head}{note}</th>{''.join(f'<td>{number}</td>' for number in numbers)}</tr>"

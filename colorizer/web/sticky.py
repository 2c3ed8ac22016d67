"""What stays in view while the controls beside it scroll."""

from streamlit.delta_generator import DeltaGenerator

# Where columns stand beside each other; below that width Streamlit puts one under the other.
_STYLE = """<style>
[data-testid=stElementContainer]:has(> * .stays-in-view) { display: none; }
@media (min-width: 641px) {
  [data-testid=stColumn]:has(.stays-in-view) { position: sticky; top: 4rem; align-self: flex-start; }
}
</style><span class="stays-in-view"></span>"""


def stay_in_view(column: DeltaGenerator) -> None:
    """Have this column stay in view while the one beside it, which is longer, scrolls."""
    column.html(_STYLE)

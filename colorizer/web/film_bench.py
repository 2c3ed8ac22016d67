"""The opened film: what it is, how it will look, how it is to be made; all films below."""

from collections.abc import Sequence
from concurrent.futures import Future
from dataclasses import replace

import streamlit as st

from colorizer.errors import ColorizerError
from colorizer.files import size_text
from colorizer.inspect.forecast import Measured, learned
from colorizer.jobs.model import FilmOrder, Job
from colorizer.network import Colorizer
from colorizer.settings import settings
from colorizer.video.film_settings import Range
from colorizer.web import resources
from colorizer.web.addresses import Look
from colorizer.web.develop import Proof, Recipe
from colorizer.web.film_choices import detail_controls, purpose_controls, read_trim, trim_controls
from colorizer.web.film_views import Card, card_html, develop_frames, film_cards, poster, sheet_data, sheet_problem
from colorizer.web.grading import grade_controls
from colorizer.web.orders import Choices, estimate_text, order_of, seconds_in
from colorizer.web.parts import contact_sheet, gallery
from colorizer.web.screening import Findings, findings
from colorizer.web.shelf import Reel
from colorizer.web.visits import FILM, JOB, remember
from colorizer.web.wording import as_sentence, plain

_POLL = 0.5  # seconds between two looks at what is being found out
_SAID, _RECIPE, _UNSURE = "film_said", "film_recipe", "film_unsure"


def say_missing(reels: Sequence[Reel]) -> None:
    """Say so where the address names a film that is none of these."""
    named = st.query_params.get(FILM)
    if named and all(reel.id != named for reel in reels):
        st.warning("This film is not here any more.", icon=":material/info:")


def film_bench(reels: Sequence[Reel]) -> None:
    """Draw everything about these films."""
    usable = next((reel for reel in reels if not _problem(reel)), reels[0])
    opened = next((reel for reel in reels if reel.id == st.query_params.get(FILM)), usable)
    for reel in reels:
        resources.screening().look_at(reel)
    _opened_film(opened, reels)
    if len(reels) > 1:
        _gallery(opened, reels)


@st.fragment
def _opened_film(reel: Reel, reels: Sequence[Reel]) -> None:
    """Draw one film; moving a slider draws this again and nothing else."""
    found = findings(reel)
    _heading(reel)
    if problem := _problem(reel):
        st.error(plain(problem))
        if st.button("Try again", icon=":material/refresh:", key="look-again"):
            resources.screening().look_again(reel)
            st.rerun()
        _others_part(reel, reels)
        return
    if found.facts is None or not found.frames:
        st.fragment(_until_looked_at, run_every=_POLL)(reel)
        return
    view, side = st.columns([2.1, 1], gap="medium")
    with side:
        st.markdown("**Colours**")
        alone = None if settings().shared else len(reels) < 2  # all films of all strangers would be all of them
        grade_controls(resources.memory(), reel.id, alone=alone)
        st.markdown("**Result**")
        purpose, crf = purpose_controls(resources.memory(), reel.id)
        wanted = trim_controls(resources.memory(), reel, found.facts)
        with st.expander("Advanced", icon=":material/tune:"):
            choices = detail_controls(resources.memory(), reel, found.facts, purpose, crf)
            engine = st.empty()
    _keep_recipe(choices.recipe, reels)
    with view, st.spinner("Opening the network… The first time, its engines are tried."):
        colorizer, problem = resources.opened(choices.recipe)
    if colorizer is None:
        view.error(plain(problem))
        return
    engine.caption(f"The preview runs on: {resources.engine_text(choices.recipe, colorizer)}")
    with view:
        _sheet(reel, found, choices.recipe, colorizer)
        st.fragment(_facts, run_every=None if found.is_settled else _POLL)(reel, found.is_settled)
    with side:
        if wanted is not None:
            _order_part(reel, reels, found, choices, wanted)
        else:
            _order_all(_ready(reels), choices, "First mend the start and the end of this film.")


def _keep_recipe(recipe: Recipe, reels: Sequence[Reel]) -> None:
    before = st.session_state.get(_RECIPE, recipe)
    st.session_state[_RECIPE] = recipe
    if before != recipe and len(reels) > 1:
        st.rerun()  # the cards of all films follow


def _others_part(reel: Reel, reels: Sequence[Reel]) -> None:
    """Draw how the other films are made, all at once, where this one cannot be used."""
    ready = _ready(reels)
    facts = [found.facts for found in map(findings, ready) if found.facts is not None]
    if len(facts) < 2:
        return
    with st.container(width=480):
        st.markdown("**Result of the other films**")
        purpose, crf = purpose_controls(resources.memory(), reel.id)
        with st.expander("Advanced", icon=":material/tune:"):
            interlaced = next((each for each in facts if each.interlaced), facts[0])
            choices = detail_controls(resources.memory(), reel, interlaced, purpose, crf)
        _keep_recipe(choices.recipe, reels)
        _order_all(ready, choices)
        _say_placed(resources.pending(reel))


def _ready(reels: Sequence[Reel]) -> list[Reel]:
    """Those of these films that can be ordered."""
    return [reel for reel in reels if findings(reel).facts is not None and not _problem(reel)]


def _order_all(ready: Sequence[Reel], choices: Choices, hindrance: str = "") -> None:
    """Draw the button that orders all of these films, where there are several; the hindrance is why none is now."""
    if len(ready) > 1 and st.button(
        f"Colour all {len(ready)} films", width="stretch", key="order-all", help=hindrance or _ALL_HELP,
        disabled=bool(hindrance),
    ):  # fmt: skip
        st.session_state[_SAID] = _place_all(ready, choices)


def _heading(reel: Reel) -> None:
    with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
        st.subheader(plain(reel.name), width="content")
        if reel.origin is not None:
            removed = st.button("Remove", icon=":material/close:", key="remove-film", type="tertiary")
        else:
            with st.popover("Remove", icon=":material/close:", key=f"removal-{reel.id}", type="tertiary"):
                removed = _is_sure(reel, "opened")
        if removed:
            forget(reel)
            st.rerun()


def _is_sure(reel: Reel, place: str) -> bool:
    """Draw what is lost with a film that came through the browser, and the button that removes it all the same."""
    st.markdown(f"Remove **{plain(reel.name)}**? The studio's copy of it, {size_text(reel.size)}, is deleted.")
    return st.button("Yes, remove it", key=f"sure-{place}-{reel.id}", type="primary")


def _until_looked_at(reel: Reel) -> None:
    """Say that the film is being looked at, until it was."""
    st.markdown(":material/hourglass_top: Looking at the film…")
    if _problem(reel) or findings(reel).frames:
        st.rerun()


def _problem(reel: Reel) -> str:
    return findings(reel).problem or resources.screening().failure(reel)


def _sheet(reel: Reel, found: Findings, recipe: Recipe, colorizer: Colorizer) -> None:
    proofs = develop_frames(found, resources.darkroom(), recipe, colorizer)
    waiting = any(not proof.done() for proof in proofs)
    st.fragment(_frames, run_every=_POLL if waiting else None)(reel, found, proofs, recipe.key, waiting)


def _frames(reel: Reel, found: Findings, proofs: Sequence[Future[Proof]], recipe_key: str, was_waiting: bool) -> None:
    """Draw the contact sheet; while frames are in the making this is drawn again and again."""
    look = Look(recipe_key, resources.memory().grade(reel.id))  # as it is now: a slider may have moved meanwhile
    contact_sheet(sheet_data(reel, found, proofs, look), key=f"sheet-{reel.id}")
    problem = sheet_problem(proofs)
    if problem:
        st.error(plain(problem))
        if st.button("Try again", icon=":material/refresh:", key="again"):
            resources.darkroom().forget_failures(found.frames)
            st.rerun()
    if all(proof.done() for proof in proofs):
        st.caption("Frames of this film in the chosen colours. Press one to see it as it was.")
    else:
        st.caption(":material/hourglass_top: Finding the colours…")
    if was_waiting and all(proof.done() for proof in proofs):
        st.rerun()


def _facts(reel: Reel, was_settled: bool) -> None:
    """Draw what the film is; drawn again until its shots are counted."""
    found = findings(reel)
    if found.facts is None:
        return
    with st.container(border=True, key="film-facts"):
        st.html(card_html(reel, found))
        for note in found.facts.notes:
            st.caption(f":material/info: {plain(as_sentence(note))}")
    if found.is_settled and not was_settled:
        st.rerun()


def _order_part(reel: Reel, reels: Sequence[Reel], found: Findings, choices: Choices, wanted: Range) -> None:
    """Draw the estimate and the buttons that start the work."""
    if found.facts is None:
        return
    order = order_of(reel, found.facts, choices, resources.memory().grade(reel.id), wanted)
    measured = resources.screening().try_out(reel, order, resources.busy())
    st.fragment(_estimate, run_every=_POLL if measured is None else None)(reel, found, order, measured is None)
    if st.button("Colour this film", icon=":material/palette:", type="primary", width="stretch", key="order"):
        forecast = seconds_in(found.facts, wanted, found.shots, measured) if isinstance(measured, Measured) else None
        st.session_state[_SAID] = place([replace(order, forecast=forecast)])
    _order_all(_ready(reels), choices)
    _say_placed(resources.pending(reel))


def _say_placed(waiting: Sequence[Job]) -> None:
    """Draw what became of the orders, and the way to the jobs of this film that wait."""
    said, *problems = st.session_state.get(_SAID, ("",))
    if said:
        st.success(said)
    for problem in filter(None, problems):
        st.error(plain(problem))
    if said or waiting:
        address = {JOB: waiting[-1].id} if len(waiting) == 1 else None
        st.page_link("jobs.py", label="See how far it is", icon=":material/arrow_forward:", query_params=address)


_ALL_HELP = "Each film in its own colours and with its own start and end; everything else as chosen here."


def _estimate(reel: Reel, found: Findings, order: FilmOrder, was_waiting: bool) -> None:
    """Draw about how long it will take and how large it will be; drawn again until that is known."""
    if found.facts is None:
        return
    measured = resources.screening().try_out(reel, order, resources.busy())
    shots = findings(reel).shots  # they may have been counted meanwhile
    st.markdown(
        estimate_text(found.facts, order.settings.range, measured, shots, learned(resources.store().jobs())),
        help="Measured by colouring a few seconds of this film on this computer, as busy as it is now; "
        "other films that wait for their turn come on top.",
    )
    if was_waiting and measured is not None:
        st.rerun()


def _place_all(reels: Sequence[Reel], choices: Choices) -> tuple[str, ...]:
    """Order each film in its own colours and trim, otherwise as chosen; what `place` says, and who is left out."""
    orders, left_out, memory = [], [], resources.memory()
    for reel in reels:
        facts = findings(reel).facts
        if facts is None:
            continue
        wanted, problem = read_trim(memory.value(reel.id, "from") or "", memory.value(reel.id, "to") or "", facts)
        if wanted is None:
            left_out.append(f"{reel.name} was left out. {problem}")
        else:
            orders.append(order_of(reel, facts, choices, memory.grade(reel.id), wanted))
    return *place(orders), *left_out


def place(orders: Sequence[FilmOrder]) -> tuple[str, str]:
    """What to say once the orders are in the queue, and what went wrong, where something did."""
    placed = 0
    try:
        for order in orders:
            remember(resources.store().add(order))
            placed += 1
    except ColorizerError as error:
        return _placed_text(orders[:placed]), str(error)
    return _placed_text(orders), ""


def _placed_text(placed: Sequence[FilmOrder]) -> str:
    if not placed:
        return ""
    films = f"{plain(placed[0].title)} is" if len(placed) == 1 else f"{len(placed)} films are"
    return f"{films} in the queue. You may close this page: the work goes on as long as the studio runs."


def _gallery(opened: Reel, reels: Sequence[Reel]) -> None:
    settled = all(card["state"] != "waiting" for card in _all_cards(opened, reels))
    st.fragment(_cards, run_every=None if settled else _POLL)(opened, reels, settled)


def _cards(opened: Reel, reels: Sequence[Reel], was_settled: bool) -> None:
    """Draw all films; drawn again until each was looked at."""
    cards = _all_cards(opened, reels)
    st.markdown(f"**{len(reels)} films**")
    _ask_again(reels)
    chosen, removed = gallery(cards, key="films-gallery", label="Your films")
    remove(reels, removed)
    if chosen:
        st.query_params[FILM] = chosen
        st.session_state.pop(_SAID, None)
    if chosen or removed or (not was_settled and all(card["state"] != "waiting" for card in cards)):
        st.rerun()


def remove(reels: Sequence[Reel], removed: str) -> None:
    """Take the film with this id off the page, or have it asked for once more where it came through the browser."""
    for reel in reels:
        if reel.id == removed and reel.origin is not None:
            forget(reel)
        elif reel.id == removed:
            st.session_state[_UNSURE] = removed


def _ask_again(reels: Sequence[Reel]) -> None:
    """Draw the question whether a film is really to be removed, where it was asked for."""
    for reel in (each for each in reels if each.id == st.session_state.get(_UNSURE)):
        with st.container(border=True, key="film-unsure", horizontal=True, vertical_alignment="center"):
            removed = _is_sure(reel, "card")
            if st.button("Keep it", key="keep-film", type="tertiary") or removed:
                del st.session_state[_UNSURE]
                if removed:
                    forget(reel)
                st.rerun()


def _all_cards(opened: Reel, reels: Sequence[Reel]) -> list[Card]:
    """A card for each film, the frame that stands for it in the making, by the recipe of the opened one."""
    recipe: Recipe | None = st.session_state.get(_RECIPE)  # None as long as the opened film is not looked at
    if recipe is None and _problem(opened):
        recipe = Recipe(engine=resources.default_engine())
    colorizer, problem = resources.opened(recipe) if recipe is not None else (None, "")
    for reel in reels:
        frame = poster(findings(reel))
        if frame is not None and recipe is not None and colorizer is not None:
            resources.darkroom().soon(frame, recipe, colorizer)
    cards = film_cards(reels, opened, resources.darkroom(), recipe.key if recipe else "", resources.memory())
    failed = {"state": "failed", "text": problem}
    return [card | failed if problem and card["state"] == "waiting" else card for card in cards]


def forget(reel: Reel) -> None:
    """Take this film off the page, with everything that was made of it here; what a job needs stays for that."""
    for frame in findings(reel).frames:
        resources.darkroom().forget(frame)
    resources.memory().forget(reel.id)
    if st.query_params.get(FILM) == reel.id:
        del st.query_params[FILM]
    if resources.is_needed(reel):
        resources.shelf().hide(reel)
    else:
        resources.shelf().remove(reel)

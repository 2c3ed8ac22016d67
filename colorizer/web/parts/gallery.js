// The card that was removed last, with the order of all: the keyboard goes on beside it, also where Streamlit draws the
// whole list anew meanwhile. The next key or press ends that.
let left = null

// A card for each picture or film: original beside result, name, and what went wrong if something did.
export default function ({ data, parentElement, setTriggerValue }) {
  const list = parentElement.querySelector(".gallery")
  list.setAttribute("aria-label", data.label)
  const kept = new Set(data.cards.map((item) => item.id))
  for (const card of [...list.children]) if (!kept.has(card.dataset.id)) card.remove()
  const known = new Map([...list.children].map((card) => [card.dataset.id, card]))
  data.cards.forEach((item, place) => {
    const card = known.get(item.id) ?? newCard(item.id, setTriggerValue)
    fill(card, item)
    if (list.children[place] !== card) list.insertBefore(card, list.children[place] ?? null)
  })
  if (left && !kept.has(left.id) && document.activeElement === document.body) {
    const next = beside(left, kept)
    const card = [...list.children].find((each) => each.dataset.id === next)
    card?.querySelector(".remove").focus()
  }
  const status = parentElement.querySelector("[role=status]")
  const text = summary(data.cards)
  if (status.textContent !== text) status.textContent = text
}

// The card after the removed one, else the one before it.
function beside({ id, order }, kept) {
  const place = order.indexOf(id)
  const stays = (other) => kept.has(other)
  return order.slice(place).find(stays) ?? order.slice(0, place).findLast(stays)
}

function removing(id, list) {
  left = { id, order: [...list.children].map((card) => card.dataset.id) }
  const forget = () => (left = null)
  for (const kind of ["keydown", "pointerdown"]) document.addEventListener(kind, forget, { once: true, capture: true })
}

// Said to screen readers when it begins and when it ends, and not of each card.
function summary(cards) {
  if (cards.some((card) => card.state === "waiting")) return "Some are still in the making"
  const failed = cards.filter((card) => card.state === "failed").length
  return failed ? `${cards.length - failed} are ready, ${failed} with a problem` : `All ${cards.length} are ready`
}

function newCard(id, setTriggerValue) {
  const card = element("li", "card")
  card.dataset.id = id
  const open = card.appendChild(element("button", "open"))
  open.type = "button"
  open.onclick = () => {
    setTriggerValue("opened", id)
    const page = card.getRootNode().host?.closest("[data-testid=stMain]")
    page?.scrollTo({ top: 0, behavior: "smooth" }) // the large view stands above
  }
  const pair = open.appendChild(element("span", "pair"))
  for (const side of ["before", "after"]) {
    const image = pair.appendChild(element("img", side))
    image.alt = ""
    image.loading = "lazy"
  }
  const title = card.appendChild(element("div", "title"))
  title.appendChild(element("span", "name"))
  const remove = title.appendChild(element("button", "remove"))
  remove.type = "button"
  remove.textContent = "\u00d7"
  remove.onclick = () => {
    removing(id, card.parentElement)
    setTriggerValue("removed", id)
  }
  card.appendChild(element("p", "state"))
  return card
}

function fill(card, item) {
  card.className = `card ${item.state}${item.opened ? " opened" : ""}`
  const open = card.querySelector(".open")
  open.setAttribute("aria-label", `Open ${item.name}`)
  open.title = item.name
  open.setAttribute("aria-current", item.opened ? "true" : "false")
  card.querySelector(".remove").setAttribute("aria-label", `Remove ${item.name}`)
  card.querySelector(".name").textContent = item.name
  const state = card.querySelector(".state")
  if (item.state === "failed") state.setAttribute("role", "alert")
  else state.removeAttribute("role")
  if (state.textContent !== item.text) state.textContent = item.text
  for (const side of ["before", "after"]) {
    const image = card.querySelector(`img.${side}`)
    if (item[side] && image.getAttribute("src") !== item[side]) image.src = item[side]
  }
}

function element(kind, name) {
  const made = document.createElement(kind)
  made.className = name
  return made
}

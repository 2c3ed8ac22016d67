// A card for each picture or film: original beside result, name, and what went wrong if something did.
export default function ({ data, parentElement, setTriggerValue }) {
  const list = parentElement.querySelector(".gallery")
  list.setAttribute("aria-label", data.label)
  const known = new Map([...list.children].map((card) => [card.dataset.id, card]))
  data.cards.forEach((item, place) => {
    const card = known.get(item.id) ?? newCard(item.id, setTriggerValue)
    known.delete(item.id)
    fill(card, item)
    if (list.children[place] !== card) list.insertBefore(card, list.children[place] ?? null)
  })
  known.forEach((card) => card.remove())
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
  remove.onclick = () => setTriggerValue("removed", id)
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
  state.setAttribute("role", item.state === "failed" ? "alert" : "status")
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

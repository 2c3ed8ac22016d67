// Swatches and a disc of colours for one pin. a grows to the right of the disc, b to its top; both are -100 to 100.
const RIM = 100

export default function ({ data, parentElement, setTriggerValue }) {
  const choose = (a, b) => setTriggerValue("chosen", { pin: data.pin, a, b, time: performance.now() })
  drawGroups(parentElement.querySelector(".groups"), data, choose)
  const disc = parentElement.querySelector(".disc")
  disc.querySelector("img").src = data.disc
  disc.setAttribute("aria-label", `Colour of pin ${data.pin + 1}: left and right, green to red; down and up, blue to yellow`)
  if (!disc.held) mark(disc, data.a, data.b, data.name)
  disc.onpointerdown = (event) => {
    disc.setPointerCapture(event.pointerId)
    disc.held = true
    disc.onpointermove(event)
  }
  disc.onpointermove = (event) => {
    if (!disc.held) return
    const box = disc.getBoundingClientRect()
    mark(disc, ...rounded(event.clientX - box.left, event.clientY - box.top, box.width))
  }
  disc.onpointerup = () => {
    disc.held = false
    choose(disc.a, disc.b)
  }
  disc.onpointercancel = () => {
    disc.held = false
    mark(disc, data.a, data.b, data.name)
  }
  disc.onkeydown = (event) => {
    const step = event.shiftKey ? 10 : 2
    const way = { ArrowLeft: [-step, 0], ArrowRight: [step, 0], ArrowUp: [0, step], ArrowDown: [0, -step] }[event.key]
    if (!way) return
    event.preventDefault()
    mark(disc, within(disc.a + way[0]), within(disc.b + way[1]))
    clearTimeout(disc.waiting)
    disc.waiting = setTimeout(() => choose(disc.a, disc.b), 250)
  }
}

function drawGroups(groups, data, choose) {
  const wasOpen = groups.querySelector("details")?.open ?? false
  const drawn = data.groups.map((group) => ({ ...group, part: newGroup(group, data, choose) }))
  const library = document.createElement("details")
  library.open = wasOpen
  library.appendChild(document.createElement("summary")).textContent = "Colours of things"
  library.append(...drawn.filter(({ things }) => things).map(({ part }) => part))
  groups.replaceChildren(...drawn.filter(({ things }) => !things).map(({ part }) => part), library)
}

function newGroup({ title, swatches }, data, choose) {
  const group = document.createElement("fieldset")
  group.className = "group"
  group.appendChild(document.createElement("legend")).textContent = title
  const row = group.appendChild(document.createElement("div"))
  row.className = "swatches"
  for (const { a, b, colour, name } of swatches) {
    const swatch = row.appendChild(document.createElement("button"))
    swatch.type = "button"
    swatch.className = "swatch"
    swatch.style.setProperty("--colour", colour)
    swatch.title = name
    swatch.setAttribute("aria-label", name)
    swatch.setAttribute("aria-pressed", String(Math.hypot(a - data.a, b - data.b) < 0.5))
    swatch.onclick = () => choose(a, b)
  }
  return group
}

function mark(disc, a, b, name = "") {
  disc.a = a
  disc.b = b
  const spot = disc.querySelector(".mark")
  spot.style.left = `${50 + (50 * a) / RIM}%`
  spot.style.top = `${50 - (50 * b) / RIM}%`
  disc.setAttribute("aria-valuenow", Math.round(a))
  disc.setAttribute("aria-valuetext", name || `a ${Math.round(a)}, b ${Math.round(b)}`)
}

function rounded(x, y, side) {
  return [within((2 * RIM * x) / side - RIM), within(RIM - (2 * RIM * y) / side)]
}

function within(value) {
  return Math.round(Math.min(RIM, Math.max(-RIM, value)))
}

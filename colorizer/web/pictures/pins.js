// Pins over the picture: pressing it sets one, dragging moves it, keys do all of it. `pins` is null where none are set.
const STEP = 0.01
const AT_ONCE = 4 // pixels that a finger may move and still only press

function drawPins(stage, pins, tell) {
  const say = (event, told = {}) => tell(event, { ...told, time: performance.now() }) // no two alike
  const layer = stage.querySelector(".pins")
  stage.classList.toggle("pinning", Boolean(pins))
  layer.hidden = !pins
  listenForUndo(stage, Boolean(pins), say)
  if (!pins) return layer.replaceChildren()
  stage.querySelector(".doubt").src = pins.doubt
  stage.querySelector(".doubt").hidden = !pins.doubt
  const field = layer.querySelector(".field") ?? layer.appendChild(newField(layer, say))
  field.setAttribute("aria-label", "Picture. Arrow keys move the cross, Enter sets a pin there")
  const known = [...layer.querySelectorAll(".pin")]
  pins.list.forEach((pin, number) => {
    const button = known[number] ?? layer.appendChild(newPin(layer, say))
    button.dataset.number = number
    button.textContent = number + 1
    button.style.setProperty("--colour", pin.colour)
    button.setAttribute("aria-label", `Pin ${number + 1}, ${pin.name}. Arrow keys move it, Delete removes it`)
    button.setAttribute("aria-pressed", String(pin.selected))
    if (!button.dragged) put(button, pin)
  })
  known.slice(pins.list.length).forEach((button) => {
    if (button === document.activeElement || button.matches(":focus")) field.focus()
    button.remove()
  })
}

// The part of the picture that takes presses, with a cross for the keyboard.
function newField(layer, say) {
  const field = document.createElement("div")
  field.className = "field"
  field.tabIndex = 0
  field.setAttribute("role", "application")
  const cross = field.appendChild(document.createElement("span"))
  cross.className = "cross"
  put(cross, { x: 0.5, y: 0.5 })
  field.onclick = (event) => event.detail < 2 && say("placed", { ...placeOf(layer, event) })
  field.onkeydown = (event) => {
    const way = wayOf(event)
    if (way) put(cross, moved(cross, way))
    else if (event.key === "Enter" || event.key === " ") say("placed", { x: cross.x, y: cross.y })
    else return
    event.preventDefault()
  }
  return field
}

function newPin(layer, say) {
  const button = document.createElement("button")
  button.type = "button"
  button.className = "pin"
  const number = () => Number(button.dataset.number)
  const finish = () => say("moved", { number: number(), x: button.x, y: button.y })
  button.onpointerdown = (event) => {
    button.setPointerCapture(event.pointerId)
    button.from = event
  }
  button.onpointermove = (event) => {
    if (!button.from) return
    const far = Math.hypot(event.clientX - button.from.clientX, event.clientY - button.from.clientY)
    button.dragged ||= far > AT_ONCE
    if (button.dragged) put(button, placeOf(layer, event))
  }
  button.onpointercancel = () => (button.from = button.dragged = null)
  button.onpointerup = () => {
    if (button.dragged) finish()
    button.wasDragged = button.dragged
    button.from = button.dragged = null
  }
  button.onclick = () => {
    if (!button.wasDragged) say("selected", { number: number() })
    button.wasDragged = false
  }
  button.onkeydown = (event) => {
    const way = wayOf(event)
    if (way) {
      put(button, moved(button, way))
      clearTimeout(button.waiting)
      button.waiting = setTimeout(() => finish(), 300)
    } else if (event.key === "Delete" || event.key === "Backspace") {
      say("removed", { number: number() })
    } else return
    event.preventDefault()
  }
  return button
}

// Ctrl+Z and Ctrl+Y anywhere on the page, but not where text is written.
function listenForUndo(stage, active, say) {
  document.removeEventListener("keydown", stage.undoing)
  if (!active) return
  stage.undoing = (event) => {
    if (!stage.isConnected) return document.removeEventListener("keydown", stage.undoing)
    const key = event.key.toLowerCase()
    if (!(event.ctrlKey || event.metaKey) || !"zy".includes(key)) return
    if (event.target.closest("input:not([type=range], [type=checkbox], [type=radio]), textarea")) return
    event.preventDefault()
    say(key === "y" || event.shiftKey ? "redone" : "undone")
  }
  document.addEventListener("keydown", stage.undoing)
}

function put(mark, { x, y }) {
  mark.x = x
  mark.y = y
  mark.style.left = `${100 * x}%`
  mark.style.top = `${100 * y}%`
}

function moved({ x, y }, [right, down]) {
  return { x: within(x + right), y: within(y + down) }
}

function wayOf({ key, shiftKey }) {
  const step = shiftKey ? 5 * STEP : STEP
  return { ArrowLeft: [-step, 0], ArrowRight: [step, 0], ArrowUp: [0, -step], ArrowDown: [0, step] }[key]
}

function placeOf(layer, { clientX, clientY }) {
  const box = layer.getBoundingClientRect()
  return { x: within((clientX - box.left) / box.width), y: within((clientY - box.top) / box.height) }
}

function within(value) {
  return Math.round(1e4 * Math.min(1, Math.max(0, value))) / 1e4
}

// Looking closely: wheel, pinch, double click, keys and buttons enlarge the picture; dragging moves it.
const LARGEST = 16
const STEP_IN = 1.5
const SETTLED = 250 // milliseconds without a change after which the part that is seen is asked for in all its pixels

function letZoom(stage, data, changed) {
  const view = (stage.view ??= { zoom: 1, x: 0, y: 0 })
  view.data = data
  const update = () => {
    const [width, height] = [stage.clientWidth, stage.clientHeight]
    view.zoom = Math.min(LARGEST, Math.max(1, view.zoom))
    view.x = Math.min(0, Math.max(width * (1 - view.zoom), view.x))
    view.y = Math.min(0, Math.max(height * (1 - view.zoom), view.y))
    stage.style.setProperty("--zoom", view.zoom)
    stage.style.setProperty("--x", `${view.x}px`)
    stage.style.setProperty("--y", `${view.y}px`)
    stage.classList.toggle("zoomed", view.zoom > 1)
    stage.querySelector(".percent").textContent = view.zoom > 1 ? `${Math.round(100 * shownScale(stage))} %` : "Fit"
    changed()
    if (view.drawnAt && view.drawnAt !== view.zoom) stage.redraw() // a larger view may be needed
    view.drawnAt = view.zoom
    refreshDetail(stage)
  }
  view.update = update
  // The place under the pointer stays where it is.
  view.zoomAt = (zoom, x = stage.clientWidth / 2, y = stage.clientHeight / 2) => {
    const wanted = Math.min(LARGEST, Math.max(1, zoom))
    view.x = x - ((x - view.x) * wanted) / view.zoom
    view.y = y - ((y - view.y) * wanted) / view.zoom
    view.zoom = wanted
    update()
  }
  if (!stage.zooms) listen(stage, view)
  stage.zooms = true
  update()
}

function listen(stage, view) {
  const at = (event) => {
    const box = stage.getBoundingClientRect()
    return [event.clientX - box.left, event.clientY - box.top]
  }
  stage.addEventListener(
    "wheel",
    (event) => {
      if (!event.ctrlKey && view.zoom === 1) return // the page scrolls
      event.preventDefault()
      view.zoomAt(view.zoom * Math.exp(-event.deltaY / (event.ctrlKey ? 100 : 400)), ...at(event))
    },
    { passive: false },
  )
  stage.addEventListener("dblclick", (event) => {
    if (stage.classList.contains("pinning") || event.target.closest("button")) return
    view.zoomAt(view.zoom > 1 ? 1 : Math.max(2, view.zoom / shownScale(stage)), ...at(event))
  })
  stage.addEventListener("keydown", (event) => {
    const way = { ArrowLeft: [1, 0], ArrowRight: [-1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] }[event.key]
    if (event.ctrlKey || event.metaKey || event.altKey) return
    if (event.key === "+" || event.key === "=") view.zoomAt(view.zoom * STEP_IN)
    else if (event.key === "-") view.zoomAt(view.zoom / STEP_IN)
    else if (event.key === "0") view.zoomAt(1)
    else if (way && event.shiftKey && view.zoom > 1 && event.target.matches("input")) {
      view.x += way[0] * 60
      view.y += way[1] * 60
      view.update()
    } else return
    event.preventDefault()
  })
  const fingers = new Map()
  let dragged = 0
  stage.addEventListener("pointerdown", (event) => {
    if (event.target.closest("button, input")) return
    fingers.set(event.pointerId, at(event))
    dragged = 0
  })
  stage.addEventListener("pointermove", (event) => {
    const before = fingers.get(event.pointerId)
    if (!before) return
    const now = at(event)
    if (fingers.size === 2) {
      const [other] = [...fingers].filter(([id]) => id !== event.pointerId).map(([, place]) => place)
      const grown = distance(now, other) / Math.max(1, distance(before, other))
      view.zoomAt(view.zoom * grown, (now[0] + other[0]) / 2, (now[1] + other[1]) / 2)
      dragged = Infinity
    } else if (view.zoom > 1) {
      view.x += now[0] - before[0]
      view.y += now[1] - before[1]
      dragged += distance(now, before)
      view.update()
    }
    fingers.set(event.pointerId, now)
  })
  for (const end of ["pointerup", "pointercancel", "pointerleave"])
    stage.addEventListener(end, (event) => fingers.delete(event.pointerId))
  stage.addEventListener("click", (event) => dragged > 4 && event.stopPropagation(), { capture: true })
  stage.querySelector(".closer").onclick = () => view.zoomAt(view.zoom * STEP_IN)
  stage.querySelector(".farther").onclick = () => view.zoomAt(view.zoom / STEP_IN)
  stage.querySelector(".percent").onclick = () => view.zoomAt(view.zoom > 1 ? 1 : Math.max(2, 1 / shownScale(stage)))
  const full = stage.querySelector(".full")
  full.hidden = !document.fullscreenEnabled
  full.onclick = () => (document.fullscreenElement ? document.exitFullscreen() : stage.requestFullscreen())
  stage.addEventListener("fullscreenchange", () => view.zoomAt(1))
  new ResizeObserver(() => view.update()).observe(stage)
}

// Pixels of the screen to a pixel of the full picture.
function shownScale(stage) {
  return (stage.view.zoom * stage.clientWidth * window.devicePixelRatio) / stage.view.data.width
}

// Where the stage is cut into before and after, in percent of the enlarged picture.
function cutOf(stage, share) {
  const { zoom, x } = stage.view ?? { zoom: 1, x: 0 }
  return (100 * ((share / 100) * stage.clientWidth - x)) / (zoom * stage.clientWidth)
}

function distance([x, y], [otherX, otherY]) {
  return Math.hypot(x - otherX, y - otherY)
}

// What is seen has changed: the small views show it until its part has come in all its pixels.
function refreshDetail(stage) {
  for (const image of stage.querySelectorAll(".detail")) {
    image.hidden = true
    image.onload = null
  }
  clearTimeout(stage.view.settling)
  stage.view.settling = setTimeout(() => showDetail(stage), SETTLED)
}

// The part that is seen, in as many pixels as it has: what the small views do not hold.
function showDetail(stage) {
  const { zoom, x, y, data } = stage.view
  const largest = data.before.at(-1)[0]
  const [width, height] = [stage.clientWidth * zoom, stage.clientHeight * zoom]
  if (zoom === 1 || Math.max(data.width, data.height) <= largest) return
  if (Math.max(width, height) * window.devicePixelRatio <= largest) return
  const edges = [-x / width, -y / height, (stage.clientWidth - x) / width, (stage.clientHeight - y) / height]
  const part = edges.map((edge) => Number(Math.min(1, Math.max(0, edge)).toFixed(4)))
  const side = Math.round(Math.max(stage.clientWidth, stage.clientHeight) * window.devicePixelRatio)
  for (const which of ["before", "after"]) {
    const base = stage.querySelector(`img.${which}:not(.detail)`).dataset.wanted
    const image = stage.querySelector(`img.${which}.detail`)
    if (!base) continue
    image.onload = () => {
      const [left, top, right, bottom] = part
      image.style.inset = `${100 * top}% ${100 * (1 - right)}% ${100 * (1 - bottom)}% ${100 * left}%`
      image.style.width = `${100 * (right - left)}%`
      image.style.height = `${100 * (bottom - top)}%`
      image.hidden = false
    }
    image.src = `${base}&part=${part.join(",")}&detail=${Math.min(4096, side)}`
  }
}

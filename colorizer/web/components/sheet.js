// Frames of a film in the chosen colours; pressing one shows it without. Called again on every rerun with the same elements.
export default function ({ data, parentElement }) {
  const list = parentElement.querySelector(".sheet")
  while (list.children.length > data.frames.length) list.lastChild.remove()
  data.frames.forEach((frame, place) => fill(list.children[place] ?? list.appendChild(newFrame()), frame, data))
}

function newFrame() {
  const item = document.createElement("li")
  const button = item.appendChild(document.createElement("button"))
  button.type = "button"
  button.className = "frame"
  button.setAttribute("aria-pressed", "false")
  button.onclick = () => {
    const pressed = button.getAttribute("aria-pressed") !== "true"
    button.setAttribute("aria-pressed", `${pressed}`)
  }
  for (const name of ["before", "after"]) {
    const image = button.appendChild(document.createElement("img"))
    image.className = name
    image.alt = ""
    image.draggable = false
  }
  button.appendChild(document.createElement("span")).className = "tag"
  return item
}

function fill(item, frame, data) {
  const button = item.firstChild
  button.classList.toggle("waiting", !frame.after)
  button.style.aspectRatio = `${data.width} / ${data.height}`
  button.setAttribute("aria-label", `Frame at ${frame.time}: show it without colour`)
  button.querySelector(".tag").textContent = frame.time
  show(button.querySelector(".before"), frame.before)
  show(button.querySelector(".after"), frame.after)
}

// Swaps the picture only when the new one has arrived, so that nothing flickers; the last one asked for wins.
function show(image, url) {
  if (image.dataset.wanted === url) return
  image.dataset.wanted = url
  if (!url) return image.removeAttribute("src")
  const next = new Image()
  next.onload = () => {
    if (image.dataset.wanted !== url) return
    image.src = url
    image.dataset.shown = url
  }
  next.onerror = () => {
    if (image.dataset.wanted === url) delete image.dataset.wanted
  }
  next.src = url
}

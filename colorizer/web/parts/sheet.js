// Frames of a film in the chosen colours; pressing one shows it without. Called again on every rerun with the same elements.
export default function ({ data, parentElement }) {
  const list = parentElement.querySelector(".sheet")
  while (list.children.length > data.frames.length) list.lastChild.remove()
  data.frames.forEach((frame, place) => fill(list.children[place] ?? list.appendChild(newFrame()), frame, data))
  follow(list, data.grade, (graded) => {
    data.frames.forEach((frame, place) => show(list.children[place].querySelector(".after"), graded(frame.after)))
  })
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
  button.setAttribute("aria-label", `Frame at ${frame.time}: show it as it was`)
  button.querySelector(".tag").textContent = frame.time
  show(button.querySelector(".before"), frame.before)
}

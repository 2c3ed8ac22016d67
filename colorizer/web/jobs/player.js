// A finished film, playing, without its colour left of a line that a range input moves. Called again on every rerun with
// the same elements: a film that plays goes on playing.
export default function ({ data, parentElement }) {
  const player = parentElement.querySelector(".player")
  const stage = player.querySelector(".stage")
  const input = player.querySelector("input")
  const status = player.querySelector("[role=status]")
  const moving = data.moving
  const screen = player.querySelector(moving ? "video" : "img")

  player.querySelector("video").hidden = !moving
  player.querySelector("img").hidden = moving
  screen.setAttribute(moving ? "aria-label" : "alt", `${data.name}, in colour`)
  input.setAttribute("aria-label", `Compare before and after: ${data.name}`)
  const place = () => {
    stage.style.setProperty("--split", `${input.value}%`)
    input.setAttribute("aria-valuetext", `${100 - input.value} percent of the film is shown in colour`)
  }
  input.oninput = place
  place()
  letDrag(stage.querySelector(".line"), (share) => {
    input.value = 100 * share
    place()
  })

  if (player.dataset.shown === data.url) return
  player.dataset.shown = data.url
  player.classList.remove("unplayable")
  status.textContent = ""
  screen.onloadedmetadata = screen.onload = () => {
    const [width, height] = moving ? [screen.videoWidth, screen.videoHeight] : [screen.naturalWidth, screen.naturalHeight]
    if (!width || !height) return screen.onerror()
    stage.style.aspectRatio = `${width} / ${height}`
    stage.style.width = input.style.width = `min(100%, calc(72vh * ${width / height}))`
  }
  screen.onerror = () => {
    player.classList.add("unplayable")
    status.textContent = data.unplayable
  }
  screen.src = data.url
}

// `moved` is called with where the pointer is across the stage, 0 to 1, as long as it holds the line.
function letDrag(line, moved) {
  line.onpointerdown = (event) => {
    event.preventDefault()
    line.setPointerCapture(event.pointerId)
  }
  line.onpointermove = (event) => {
    if (!line.hasPointerCapture(event.pointerId)) return
    const { left, width } = line.parentElement.getBoundingClientRect()
    moved((event.clientX - left) / width)
  }
}

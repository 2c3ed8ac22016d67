// The result over its original, cut at a line that a range input moves. Called again on every rerun with the same elements.
export default function ({ data, parentElement, setTriggerValue }) {
  const stage = parentElement.querySelector(".stage")
  const input = stage.querySelector("input")
  const after = stage.querySelector("img.after:not(.detail)")
  const ratio = data.width / data.height

  stage.style.aspectRatio = `${data.width} / ${data.height}`
  stage.style.width = `min(100%, calc(72vh * ${ratio}))`
  stage.style.setProperty("--ratio", ratio)
  stage.classList.toggle("plain", !data.compare)
  stage.querySelector("img.before:not(.detail)").alt = `${data.name}, black and white`
  after.alt = data.compare ? `${data.name}, in colour` : `${data.name}, black and white`
  input.setAttribute("aria-label", `Compare before and after: ${data.name}`)

  const place = () => {
    stage.style.setProperty("--split", `${input.value}%`)
    stage.style.setProperty("--cut", `${cutOf(stage, input.value)}%`)
    input.setAttribute("aria-valuetext", `${100 - input.value} percent of the result is shown`)
  }
  input.oninput = place
  if (Boolean(data.pins) !== stage.classList.contains("pinning")) {
    input.value = data.pins ? 0 : 50 // pins are set on the result: all of it is shown
  }
  letZoom(stage, data, place)
  drawPins(stage, data.pins, setTriggerValue)

  const draw = () => {
    const need = Math.max(stage.clientWidth, stage.clientHeight) * stage.view.zoom * window.devicePixelRatio
    show(stage.querySelector("img.before:not(.detail)"), fitting(data.before, need))
    follow(stage, data.grade, (graded) => {
      const wanted = graded(fitting(data.after, need))
      if (after.dataset.wanted !== wanted) refreshDetail(stage)
      show(after, wanted)
    })
  }
  stage.redraw = draw
  draw()
}

// The address of the smallest picture that fills the view. A larger one would only come later.
function fitting(sizes, need) {
  return (sizes.find(([side]) => side >= need) ?? sizes.at(-1))[1]
}

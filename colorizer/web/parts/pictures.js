// Swaps the picture only when the new one has arrived, so that nothing flickers. While a slider moves, one picture is
// asked for at a time: those in between are shown as fast as they come, and the last one asked for in the end.
function show(image, url) {
  if (image.dataset.wanted === url) return
  image.dataset.wanted = url
  if (!url) {
    image.arriving = null
    image.removeAttribute("src")
  } else if (image.arriving?.path !== pathOf(url)) fetchWanted(image)
}

function fetchWanted(image) {
  const url = image.dataset.wanted
  const next = new Image()
  const arriving = (image.arriving = { path: pathOf(url) })
  const end = (arrived) => {
    if (image.arriving !== arriving) return // another picture is wanted by now
    image.arriving = null
    if (arrived) {
      image.src = url
      image.dataset.shown = url
    }
    if (image.dataset.wanted !== url) fetchWanted(image)
    else if (!arrived) delete image.dataset.wanted // so that it is asked for again
  }
  next.onload = () => end(true)
  next.onerror = () => end(false)
  next.src = url
}

function pathOf(url) {
  return url.split("?")[0]
}

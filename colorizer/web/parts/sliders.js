// Streamlit tells the server about a slider when it is let go. This tells the picture while it moves: `draw` is called
// at once, and then whenever one of these sliders is moved, with a function that puts their values into an address. If
// Streamlit draws its sliders otherwise one day, the picture changes when they are let go.
function follow(part, grade, draw) {
  const redraw = () => {
    const values = valuesInUse(grade.sliders)
    draw((url) => (url && values ? withValues(url, values, grade.neutral) : url))
  }
  part.following?.disconnect()
  part.following = new MutationObserver((changes) => {
    if (!part.isConnected) part.following.disconnect()
    else if (changes.some(({ target }) => target === document.activeElement)) redraw()
  })
  part.following.observe(document.body, { subtree: true, attributeFilter: ["aria-valuetext"] })
  redraw()
}

// What the sliders say while one of them is in use; null otherwise: then the server knows better.
function valuesInUse(sliders) {
  const inputs = Object.entries(sliders).map(([name, key]) => [
    name,
    document.querySelector(`[class*="st-key-${key}-"] input[type="range"]`),
  ])
  if (!inputs.every(([, input]) => input) || !inputs.some(([, input]) => input === document.activeElement)) return null
  return Object.fromEntries(inputs.map(([name, input]) => [name, Number(input.value)]))
}

// As the server writes it, so that the browser asks for a picture once.
function withValues(url, values, neutral) {
  const [path, query = ""] = url.split("?")
  const kept = query.split("&").filter((part) => part && !(part.split("=")[0] in values))
  const changed = Object.entries(values).filter(([name, value]) => value !== neutral[name])
  return `${path}?${[...kept, ...changed.map(([name, value]) => `${name}=${value}`)].join("&")}`
}

// Pictures from the clipboard, by Ctrl+V anywhere on the page or by the button, and such as are dropped anywhere on it, sent
// to the studio. What it refuses, the page says.
const listeners = new WeakMap()

export default function ({ data, parentElement, setTriggerValue }) {
  const button = parentElement.querySelector("button")
  const status = parentElement.querySelector("[role=status]")
  const say = (text, failed = false) => {
    status.textContent = text
    status.classList.toggle("failed", failed)
  }

  const send = async (files) => {
    say(files.length === 1 ? "Taking the picture in…" : `Taking ${files.length} pictures in…`)
    const refused = []
    try {
      for (const file of files) refused.push(...(await put(data.url, file)))
      say("")
    } catch {
      say("The studio does not answer. Is it still running?", true)
    }
    setTriggerValue("pasted", { refused, at: Date.now() }) // those before it are in all the same
  }

  button.onclick = async () => {
    try {
      const files = await fromClipboard()
      if (files.length) await send(files)
      else say("There is no picture in the clipboard. Copy one first.")
    } catch {
      say("The browser does not show the clipboard to buttons. Press Ctrl+V (on a Mac: Command+V) instead.")
    }
  }

  document.removeEventListener("paste", listeners.get(parentElement))
  const onPaste = (event) => {
    const files = [...(event.clipboardData?.files ?? [])].filter((file) => file.type.startsWith("image/"))
    if (!files.length) return
    event.preventDefault()
    send(files)
  }
  listeners.set(parentElement, onPaste)
  document.addEventListener("paste", onPaste)
  const endDrops = takeFromPage(parentElement, parentElement.querySelector(".page-drop"), endsWith(data.suffixes), send)
  return () => {
    document.removeEventListener("paste", onPaste)
    endDrops()
  }
}

async function fromClipboard() {
  const files = []
  for (const item of await navigator.clipboard.read()) {
    const type = item.types.find((name) => name.startsWith("image/"))
    if (type) files.push(new File([await item.getType(type)], `image.${type.split("/")[1]}`))
  }
  return files
}

// Why the studio does not take the picture; nothing where it does.
async function put(url, file) {
  const name = !file.name || /^image\.\w+$/.test(file.name) ? `Pasted ${time()}.${file.name.split(".").pop()}` : file.name
  const answer = await fetch(`${url}?name=${encodeURIComponent(name)}`, {
    method: "PUT",
    headers: { "X-Xsrftoken": cookie("_streamlit_xsrf") },
    body: file,
  })
  if (answer.ok) return []
  const told = await answer.json().catch(() => ({}))
  return [told.error ?? "The picture could not be taken in. Reload the page and try again."]
}

function time() {
  return new Date().toTimeString().slice(0, 8).replaceAll(":", ".")
}

// A link to a result that says when it is being made and, beside itself, when that failed. Archives are sent while they are made.
export default function ({ data, parentElement }) {
  const link = parentElement.querySelector("a")
  const status = parentElement.querySelector("[role=status]")
  link.classList.toggle("primary", data.primary)
  if (link.getAttribute("href") !== data.url) {
    link.href = data.url
    status.textContent = ""
    status.classList.remove("failed")
  }
  link.setAttribute("download", "")
  if (link.getAttribute("aria-busy") !== "true") link.textContent = data.label
  link.onclick = data.streamed
    ? null
    : (event) => {
        event.preventDefault()
        if (link.getAttribute("aria-busy") !== "true") fetchFile(link, status, data)
      }
}

async function fetchFile(link, status, data) {
  const say = (text, failed) => {
    status.textContent = text
    status.classList.toggle("failed", failed)
  }
  link.setAttribute("aria-busy", "true")
  link.textContent = "Making the file…"
  say("", false)
  try {
    const answer = await fetch(data.url)
    if (!answer.ok) {
      const told = await answer.json().catch(() => ({}))
      throw new Error(told.error ?? "The file could not be made. The studio's log has the details.")
    }
    save(await answer.blob(), nameOf(answer))
    say(decodeURIComponent(answer.headers.get("X-Notes") ?? ""), false)
  } catch (error) {
    say(error instanceof TypeError ? "The studio does not answer. Is it still running?" : error.message, true)
  } finally {
    link.removeAttribute("aria-busy")
    link.textContent = data.label
  }
}

function nameOf(answer) {
  const found = /filename\*=UTF-8''([^;]+)/.exec(answer.headers.get("Content-Disposition") ?? "")
  return found ? decodeURIComponent(found[1]) : "picture"
}

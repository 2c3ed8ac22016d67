// Films on their way to the studio's disk, one after the other, in pieces. They go on while other pages are looked at, and
// after a broken line, a reload or a restart of the studio from where they stopped.
const PIECE = 8 * 2 ** 20
const LONGEST_WAIT = 15_000
const views = new WeakMap()

export default function ({ data, parentElement, setTriggerValue }) {
  const line = (globalThis.colorizerUploads ??= newLine())
  const root = parentElement.querySelector(".upload")
  root.classList.toggle("roomy", data.roomy)
  line.url = data.url
  line.visitor = data.visitor

  const changed = (id) => setTriggerValue("changed", `${id} ${Date.now()}`)
  const view = views.get(parentElement) ?? {} // one for each place: telling it of a change may draw that place again
  view.draw = () => draw(root, line, data.waiting, changed)
  view.say = (text) => (root.querySelector("[role=status]").textContent = text)
  view.changed = changed
  views.set(parentElement, view)
  line.views.add(view)

  const take = (files) => files.forEach((file) => add(line, file))
  const isFilm = endsWith(data.suffixes)
  chooser(root, ".choose", ".files", (files) => take(files))
  chooser(root, ".choose-folder", ".folder", (files) => take(files.filter(isFilm)))
  const endDrops = takeFromPage(parentElement, root.querySelector(".page-drop"), isFilm, take)
  view.draw()
  return () => {
    line.views.delete(view)
    endDrops()
  }
}

function chooser(root, button, input, take) {
  const field = root.querySelector(input)
  root.querySelector(button).onclick = () => field.click()
  field.onchange = () => {
    take([...field.files])
    field.value = ""
  }
}

function newLine() {
  const line = { items: [], views: new Set(), url: "", busy: false }
  window.addEventListener("beforeunload", (event) => {
    if (line.items.some((item) => item.state === "going" || item.state === "waiting")) event.preventDefault()
  })
  return line
}

function add(line, file) {
  const same = (item) => item.file.name === file.name && item.file.size === file.size && item.state !== "failed"
  if (line.items.some(same)) return
  line.items.push({ file, id: "", sent: 0, state: "waiting", text: "Waiting…", since: 0, from: 0 })
  redraw(line)
  work(line)
}

async function work(line) {
  if (line.busy) return
  line.busy = true
  for (let item; (item = line.items.find((each) => each.state === "waiting")); ) {
    item.state = "going"
    await bring(line, item)
    redraw(line)
  }
  line.busy = false
}

async function bring(line, item) {
  announce(line, `${item.file.name} is arriving`)
  for (let failures = 0; item.state === "going"; ) {
    try {
      if (!item.id) await begin(line, item)
      while (item.state === "going" && item.sent < item.file.size) {
        await sendPiece(line, item)
        failures = 0
      }
      if (item.state === "going") finish(line, item)
    } catch (error) {
      if (item.state !== "going") return
      const readable = await item.file.slice(0, 1).arrayBuffer().then(() => true, () => false)
      if (error.final || !readable) {
        item.state = "failed"
        item.text = readable ? error.message : "The file cannot be read any more. Was it moved or changed?"
        announce(line, item.text)
        return
      }
      item.text = "The connection was lost. Trying again…"
      redraw(line)
      await sleep(Math.min(LONGEST_WAIT, 500 * 2 ** failures++))
    }
  }
}

function finish(line, item) {
  item.state = "done"
  line.items = line.items.filter((each) => each !== item)
  announce(line, `${item.file.name} is here`)
  for (const view of [...line.views]) view.changed(item.id)
}

async function begin(line, item) {
  const { name, size, lastModified } = item.file
  const answer = await request("POST", line.url, JSON.stringify({ name, size, modified: lastModified, visitor: line.visitor }))
  if (answer.status !== 201) throw refusal(answer)
  const told = JSON.parse(answer.responseText)
  if (item.state !== "going") return giveUp(line, told.id, 1) // called off meanwhile
  Object.assign(item, { id: told.id, sent: told.offset, since: Date.now(), from: told.offset })
}

async function sendPiece(line, item) {
  const start = item.sent
  const answer = await request("PUT", `${line.url}/${item.id}`, item.file.slice(start, start + PIECE), start, (xhr) => {
    item.stop = () => xhr.abort()
    xhr.upload.onprogress = (event) => {
      item.sent = start + event.loaded
      item.text = pace(item)
      redraw(line)
    }
  })
  const offset = answer.getResponseHeader("Upload-Offset")
  if (answer.status === 409 && offset !== null) await sleep(500) // another window brings the same film, or the line broke
  else if (answer.status === 404) item.id = "" // it was swept away: from the beginning
  else if (answer.status !== 204) throw refusal(answer)
  item.sent = offset === null ? 0 : Number(offset)
  if (answer.status === 404) throw new Error("gone")
  item.text = pace(item)
  redraw(line)
}

function request(method, url, body, offset, prepare) {
  return new Promise((done, failed) => {
    const xhr = new XMLHttpRequest()
    xhr.open(method, url)
    xhr.setRequestHeader("X-Xsrftoken", cookie("_streamlit_xsrf"))
    if (offset !== undefined) xhr.setRequestHeader("Upload-Offset", `${offset}`)
    prepare?.(xhr)
    xhr.onload = () => done(xhr)
    xhr.onerror = xhr.onabort = () => failed(new Error("no connection"))
    xhr.send(body)
  })
}

// What the studio refuses stays refused; what a busy or restarting one cannot answer now is asked again.
function refusal(answer) {
  let told = {}
  try {
    told = JSON.parse(answer.responseText)
  } catch {
    // no words of ours
  }
  const error = new Error(told.error ?? "The studio did not take the film. Reload the page and try again.")
  error.final = (answer.status >= 400 && answer.status < 500 && answer.status !== 408) || answer.status === 507
  return error
}

function cancel(line, item) {
  item.state = "cancelled"
  item.stop?.()
  line.items = line.items.filter((each) => each !== item)
  announce(line, "")
  if (item.id) giveUp(line, item.id, 3)
}

// What came of a film that failed stays: its row says how it goes on, or that it can be discarded.
function dismiss(line, item) {
  line.items = line.items.filter((each) => each !== item)
  announce(line, "")
  for (const view of [...line.views]) view.changed(item.id)
}

// The piece that was on its way may still be held for a moment.
async function giveUp(line, id, tries) {
  const answer = await request("DELETE", `${line.url}/${id}`).catch(() => null)
  if (answer?.status === 409 && tries > 1) {
    await sleep(500)
    return giveUp(line, id, tries - 1)
  }
  for (const view of [...line.views]) view.changed(id)
}

function draw(root, line, waiting, changed) {
  const list = root.querySelector(".arriving")
  const active = new Set(line.items.map((item) => item.id))
  const resting = waiting.filter((film) => !active.has(film.id)).map((film) => ({ ...film, rests: true }))
  const rows = [...line.items, ...resting]
  while (list.children.length > rows.length) list.lastChild.remove()
  rows.forEach((item, place) => fill(list.children[place] ?? list.appendChild(newRow()), item, line, changed))
}

function newRow() {
  const row = document.createElement("li")
  for (const [kind, name] of [["span", "name"], ["span", "actions"], ["progress", "bar"], ["span", "text"]])
    row.appendChild(document.createElement(kind)).className = name
  return row
}

function fill(row, item, line, changed) {
  const name = item.rests ? item.name : item.file.name
  const size = item.rests ? item.size : item.file.size
  row.className = item.rests ? "rests" : item.state
  row.querySelector(".name").textContent = name
  const bar = row.querySelector("progress")
  bar.max = size
  bar.value = item.sent
  bar.setAttribute("aria-label", `${name}, arriving`)
  row.querySelector(".text").textContent = item.rests
    ? `${percent(item.sent, size)} of it is here. Drop or choose the same file again, and it goes on.`
    : item.text
  const actions = item.rests
    ? [["Discard", () => giveUp(line, item.id, 1)]]
    : item.state === "failed"
      ? [["Try again", () => again(line, item)], ["Close", () => dismiss(line, item)]]
      : [["Cancel", () => cancel(line, item)]]
  const box = row.querySelector(".actions")
  while (box.children.length > actions.length) box.lastChild.remove()
  actions.forEach(([text, act], place) => {
    const button = box.children[place] ?? box.appendChild(document.createElement("button"))
    button.type = "button"
    button.textContent = text
    button.setAttribute("aria-label", `${text} ${name}`)
    button.onclick = act
  })
}

function again(line, item) {
  Object.assign(item, { state: "waiting", text: "Waiting…", id: "" })
  redraw(line)
  work(line)
}

function pace(item) {
  const size = item.file.size
  const words = [`${percent(item.sent, size)} of ${bytes(size)}`]
  const seconds = (Date.now() - item.since) / 1000
  const rate = (item.sent - item.from) / seconds
  if (seconds > 3 && rate > 0) words.push(`${duration((size - item.sent) / rate)} left`)
  return words.join(" · ")
}

function percent(part, whole) {
  return `${Math.floor((100 * part) / Math.max(whole, 1))} %`
}

function bytes(count) {
  return count >= 1e9 ? `${(count / 1e9).toFixed(1)} GB` : `${Math.max(1, Math.round(count / 1e6))} MB`
}

function duration(seconds) {
  return seconds < 90 ? `${Math.ceil(seconds)} seconds` : `${Math.ceil(seconds / 60)} minutes`
}

function redraw(line) {
  for (const view of [...line.views]) view.draw()
}

function announce(line, text) {
  for (const view of [...line.views]) view.say(text)
  redraw(line)
}

function sleep(milliseconds) {
  return new Promise((done) => setTimeout(done, milliseconds))
}

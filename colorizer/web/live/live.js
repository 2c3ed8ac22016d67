// The camera, a screen or a film in colour as it comes. A small copy of a frame goes up, its small colours come down, and
// the canvas lays them over the frame that they belong to: the blend mode "color" keeps the frame's own luma. One frame is
// on its way at a time; the next one is whatever the source shows when the answer is here, so nothing ever queues.
const SMALL_SIDE = 320
const QUALITY = 0.9
const PATIENCE = 10_000 // ms for one answer
const MOST_FAILURES = 10 // in a row, before it is given up
const WINDOW = 2_000 // ms over which pictures are counted
const KEY_FRAMES = 2_000 // ms between those of a recording: players seek to them
const SHAPES = { 480: [640, 480], 720: [1280, 720], 1080: [1920, 1080] }
const KINDS = ["video/mp4;codecs=avc1.640028,mp4a.40.2", "video/webm;codecs=vp8,opus", "video/webm", "video/mp4"] // vp9 takes too long
const WORDS = {
  NotAllowedError: "The {} was not allowed. Allow it at the left end of the browser's address bar, then press the button again.",
  NotFoundError: "There is no {} here. Connect one and press the button again, or choose a screen or a film file.",
  NotReadableError: "The {} is in use by another program. Close that program, then press the button again.",
  OverconstrainedError: "This {} is not there any more. Press the button again.",
}
const INSECURE = "The browser shows the {} only to pages of this computer or over https. Open the studio as http://localhost, or put it behind https."
const UNRECORDED = "This browser cannot record. Take snapshots, or record the screen with another program."
const SILENT = "The studio does not answer. Is it still running?"
const lives = new WeakMap()

export default function ({ data, parentElement }) {
  const live = lives.get(parentElement) ?? newLive(parentElement)
  lives.set(parentElement, live)
  live.data = data
  return () => setTimeout(() => parentElement.isConnected || live.close()) // also called where the page is only drawn again
}

function newLive(parentElement) {
  const find = (selector) => parentElement.querySelector(selector)
  const live = { find, data: null, run: 0, line: null, source: "", recorder: null, shown: [], told: 0 }
  const status = find("[role=status]")
  live.say = (text, failed = false) => {
    status.textContent = text
    status.classList.toggle("failed", failed)
  }
  live.stop = (text, failed) => stop(live, text, failed)
  const listening = new AbortController()
  addEventListener("pagehide", () => live.stop(), { signal: listening.signal })
  addEventListener("beforeunload", (event) => live.recorder && event.preventDefault(), { signal: listening.signal })
  live.close = () => {
    listening.abort()
    live.stop()
  }
  find(".camera").onclick = () => start(live, "camera")
  find(".screen").onclick = () => start(live, "screen")
  find(".film").onclick = () => find("input[type=file]").click()
  find("input[type=file]").onchange = (event) => {
    if (event.target.files.length) start(live, "film", event.target.files[0])
    event.target.value = ""
  }
  find(".stop").onclick = () => {
    live.stop("")
    find(".camera").focus()
  }
  find(".snapshot").onclick = () => snapshot(live)
  find(".record").onclick = () => (live.recorder ? endRecording(live) : record(live))
  find(".size").onchange = find(".cameras").onchange = () => live.source === "camera" && start(live, "camera")
  find(".sound").onchange = (event) => (find("video").muted = live.source !== "film" || !event.target.checked)
  draw(live)
  return live
}

// From a source to its frames

async function start(live, source, file) {
  live.stop("")
  const run = live.run
  const video = live.find("video")
  live.say(source === "film" ? "" : `Waiting for the ${source}…`)
  try {
    if (source === "film") {
      video.src = URL.createObjectURL(file)
      video.loop = true
    } else {
      const stream = await opened(live, source)
      if (live.run !== run || !video.isConnected) return release(stream) // stopped, or left, while the browser asked
      for (const track of stream.getVideoTracks()) track.onended = () => live.stop(ended(source), true)
      video.srcObject = stream
    }
    live.source = source // from here on there is something to let go of
    video.muted = source !== "film" || !live.find(".sound").checked
    await video.play()
    if (source === "film" && !video.videoWidth) throw new Error("no pictures") // sound alone, or a codec that it lacks
  } catch (error) {
    if (live.run === run) live.stop(reason(source, error), true)
    return
  }
  if (live.run !== run) return
  live.say("")
  draw(live)
  if (source === "camera") listCameras(live)
  watch(live, run)
}

async function opened(live, source) {
  if (!navigator.mediaDevices) throw new Error("insecure")
  if (source === "screen") {
    if (!navigator.mediaDevices.getDisplayMedia) throw new Error("nothing")
    return navigator.mediaDevices.getDisplayMedia({ video: true, audio: live.find(".sound").checked })
  }
  const [width, height] = SHAPES[live.find(".size").value]
  const chosen = live.find(".cameras").value
  const which = chosen ? { deviceId: { exact: chosen } } : {}
  return navigator.mediaDevices.getUserMedia({ video: { width: { ideal: width }, height: { ideal: height }, ...which } })
}

function reason(source, error) {
  if (source === "film") return "The browser cannot play this film. The Videos page takes nearly every kind."
  if (error.message === "insecure") return INSECURE.replace("{}", source)
  if (error.message === "nothing") return "This browser cannot share a screen. Choose the camera or a film file."
  if (source === "screen" && error.name === "NotAllowedError") return "No screen was shared. Press Screen again and choose one."
  return (WORDS[error.name] ?? `The ${source} could not be opened (${error.name}).`).replace("{}", source)
}

function ended(source) {
  return source === "camera" ? "The camera was disconnected. Connect it and press Camera again." : "The screen is not shared any more."
}

function release(stream) {
  for (const track of stream?.getTracks() ?? []) track.stop()
}

async function listCameras(live) {
  const cameras = (await navigator.mediaDevices.enumerateDevices()).filter((device) => device.kind === "videoinput")
  const select = live.find(".cameras")
  const used = live.find("video").srcObject?.getVideoTracks()[0]?.getSettings().deviceId
  select.replaceChildren(...cameras.map((camera, place) => new Option(camera.label || `Camera ${place + 1}`, camera.deviceId)))
  if (used) select.value = used
  live.find(".which").hidden = cameras.length < 2
}

function stop(live, text, failed) {
  const video = live.find("video")
  live.run += 1
  live.line?.socket.close()
  endRecording(live)
  release(video.srcObject)
  if (video.src) URL.revokeObjectURL(video.src)
  video.srcObject = null
  video.removeAttribute("src")
  video.load()
  live.source = ""
  live.shown = []
  if (text !== undefined) live.say(text, failed)
  draw(live)
}

// From a frame to its colours

async function watch(live, run) {
  const video = live.find("video")
  const frames = { arrived: 0, taken: 0, captured: 0, wake: null }
  const arrive = (now, told) => {
    frames.arrived += 1
    frames.captured = told?.captureTime ?? now
    frames.wake?.()
    if (live.run === run) next(video, arrive)
  }
  next(video, arrive)
  for (let failures = 0; live.run === run; ) {
    if (frames.taken === frames.arrived) await new Promise((wake) => (frames.wake = wake))
    if (live.run !== run) return
    if (!video.isConnected) return live.stop()
    frames.taken = frames.arrived
    if (!video.videoWidth) continue
    const captured = frames.captured
    let frame
    try {
      frame = await createImageBitmap(video)
      const colours = await coloursOf(live, frame)
      if (live.run === run) show(live, frame, colours, captured)
      colours.close()
      if (failures) live.say("")
      failures = 0
    } catch (error) {
      if (live.run !== run) return
      failures += 1
      if (error.final || failures >= MOST_FAILURES) return live.stop(error.told ?? SILENT, true)
      if (!error.told) live.say("The studio does not answer. Trying again…", true)
      await new Promise((done) => setTimeout(done, error.told ? 100 : 1000))
    } finally {
      frame?.close()
    }
  }
}

function next(video, arrive) {
  if (video.requestVideoFrameCallback) return video.requestVideoFrameCallback(arrive)
  requestAnimationFrame(arrive)
}

async function coloursOf(live, frame) {
  const [line, small] = await Promise.all([lineOf(live), smallCopy(live, frame)])
  if (line.socket.readyState !== WebSocket.OPEN) throw new Error("no answer") // stopped meanwhile
  const wishes = JSON.stringify({ model: live.data.model, grade: live.data.grade })
  if (line.wishes !== wishes) line.socket.send(wishes)
  line.wishes = wishes
  line.socket.send(small)
  return createImageBitmap(await line.heard())
}

function smallCopy(live, frame) {
  const scale = Math.min(1, SMALL_SIDE / Math.max(frame.width, frame.height))
  const small = (live.small ??= document.createElement("canvas"))
  const [width, height] = [frame.width, frame.height].map((side) => Math.max(1, Math.round(side * scale)))
  if (small.width !== width || small.height !== height) Object.assign(small, { width, height })
  const context = (live.smallContext ??= small.getContext("2d", { alpha: false, willReadFrequently: true }))
  context.imageSmoothingQuality = "medium"
  context.drawImage(frame, 0, 0, width, height)
  return new Promise((done) => small.toBlob(done, "image/jpeg", QUALITY))
}

// The line to the studio, opened where there is none. heard: the answer to what was sent last.
async function lineOf(live) {
  if (live.line?.socket.readyState === WebSocket.OPEN) return live.line
  const url = new URL(live.data.url, document.baseURI)
  url.protocol = url.protocol.replace("http", "ws")
  const socket = new WebSocket(url)
  const line = (live.line = { socket, wishes: "" })
  line.heard = () =>
    new Promise((done, failed) => {
      const late = setTimeout(() => socket.close(), PATIENCE)
      socket.onclose = () => failed(new Error("no answer"))
      socket.onmessage = ({ data }) => {
        clearTimeout(late)
        if (data instanceof Blob) return done(data)
        const { error, final } = JSON.parse(data)
        failed(Object.assign(new Error("refused"), { told: error, final }))
      }
    })
  await new Promise((done, failed) => {
    socket.onopen = done
    socket.onclose = () => failed(new Error("no answer"))
  })
  return line
}

function show(live, frame, colours, captured) {
  const canvas = live.find("canvas")
  if (canvas.width !== frame.width || canvas.height !== frame.height) {
    if (live.recorder) live.say("The picture changed its size: the recording ended there.")
    endRecording(live)
    Object.assign(canvas, { width: frame.width, height: frame.height })
  }
  const context = (live.context ??= canvas.getContext("2d", { alpha: false }))
  context.globalCompositeOperation = "source-over"
  context.drawImage(frame, 0, 0)
  context.globalCompositeOperation = "color"
  context.drawImage(colours, 0, 0, frame.width, frame.height)
  count(live, performance.now(), captured)
}

// What is seen of it

function count(live, now, captured) {
  live.shown.push([now, now - captured])
  if (live.shown.length === 1) draw(live)
  while (live.shown.length > 2 && live.shown[0][0] < now - WINDOW) live.shown.shift()
  if (now - live.told < 500 || live.shown.length < 3) return
  live.told = now
  const rate = ((live.shown.length - 1) * 1000) / (now - live.shown[0][0])
  const behind = live.shown.map(([, late]) => late).sort((one, other) => one - other)[live.shown.length >> 1]
  const canvas = live.find("canvas")
  const meter = live.find(".meter")
  meter.textContent = `${rate.toFixed(rate < 10 ? 1 : 0)} fps · ${Math.round(behind)} ms · ${canvas.width} × ${canvas.height}`
  meter.hidden = false
  Object.assign(canvas.dataset, { fps: rate.toFixed(1), behind: behind.toFixed(0) })
}

function draw(live) {
  const runs = live.source !== ""
  live.find(".stage").classList.toggle("running", runs)
  live.find(".stage").classList.toggle("idle", !runs)
  for (const name of ["camera", "screen", "film"]) live.find(`.${name}`).setAttribute("aria-pressed", `${live.source === name}`)
  live.find(".stop").disabled = !runs
  for (const name of ["snapshot", "record"]) live.find(`.${name}`).disabled = live.shown.length === 0
  if (!runs) live.find(".meter").hidden = true
}

// What is kept of it

function snapshot(live) {
  live.find("canvas").toBlob((picture) => picture && save(picture, `live ${stamp()}.png`), "image/png")
}

async function record(live) {
  const run = live.run
  const type = KINDS.find((kind) => globalThis.MediaRecorder?.isTypeSupported(kind))
  if (!type) return live.say(UNRECORDED, true)
  live.find(".record").disabled = true // until it is clear whether there is sound
  const stream = new MediaStream()
  let recorder
  try {
    if (live.find(".sound").checked) for (const track of await soundOf(live)) stream.addTrack(track)
    if (live.run !== run) return release(stream)
    recorder = recorderOf(live.find("canvas"), stream, type)
  } catch {
    release(stream)
    live.say(UNRECORDED, true)
    return showRecording(live)
  }
  const pieces = []
  const began = Date.now()
  const clock = setInterval(() => showClock(live, Date.now() - began), 500)
  recorder.ondataavailable = (event) => event.data.size && pieces.push(event.data)
  recorder.onstop = async () => {
    clearInterval(clock)
    release(stream)
    live.recorder = null
    showRecording(live)
    if (!pieces.length) return
    const name = `live ${stamp()}.${type.includes("mp4") ? "mp4" : "webm"}`
    const recording = new Blob(pieces, { type: type.split(";")[0] })
    save(name.endsWith("webm") ? await withDuration(recording) : recording, name)
  }
  live.recorder = recorder
  showClock(live, 0)
  showRecording(live)
}

// What writes down the canvas, together with the sound that is in the stream already.
function recorderOf(canvas, stream, type) {
  stream.addTrack(canvas.captureStream().getVideoTracks()[0])
  const recorder = new MediaRecorder(stream, {
    mimeType: type,
    videoBitsPerSecond: Math.max(4e6, canvas.width * canvas.height * 8),
    videoKeyFrameIntervalDuration: KEY_FRAMES,
  })
  recorder.start(1000)
  return recorder
}

function endRecording(live) {
  if (live.recorder?.state === "recording") live.recorder.stop()
}

// The sound that belongs to the source: the microphone, what the shared screen gives, or the film's own.
async function soundOf(live) {
  const video = live.find("video")
  if (live.source === "screen") {
    const tracks = video.srcObject.getAudioTracks().map((track) => track.clone())
    if (!tracks.length) live.say("The screen was shared without its sound. Share it again with the box ticked.", true)
    return tracks
  }
  if (live.source === "film") {
    const tracks = video.captureStream?.().getAudioTracks() ?? []
    if (!tracks.length) live.say("The browser gives no sound of this film: it is recorded without. The Videos page keeps the sound.", true)
    return tracks
  }
  try {
    return (await navigator.mediaDevices.getUserMedia({ audio: true })).getAudioTracks()
  } catch {
    live.say("There is no microphone, or it was not allowed: this is recorded without sound.", true)
    return []
  }
}

function showRecording(live) {
  const records = live.recorder !== null
  const button = live.find(".record")
  button.disabled = live.shown.length === 0
  button.setAttribute("aria-pressed", `${records}`)
  button.textContent = records ? "End recording" : "Record"
  live.find(".clock").hidden = !records
}

function showClock(live, passed) {
  const seconds = Math.floor(passed / 1000)
  live.find(".clock").textContent = `${Math.floor(seconds / 60)}:${`${seconds % 60}`.padStart(2, "0")}`
}

function stamp() {
  const now = new Date(Date.now() - new Date().getTimezoneOffset() * 60_000)
  return now.toISOString().slice(0, 19).replace("T", " ").replaceAll(":", ".")
}

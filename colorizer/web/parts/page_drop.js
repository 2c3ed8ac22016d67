// The whole page takes files: a frame says so while they are dragged over it. A place that takes drops itself keeps its own.
const OWN_PLACES = "[data-testid=stFileUploaderDropzone]"
const pageDrops = new WeakMap()

// `take` is called with the files, those in folders among them where `isWanted` says so. Returns how to end it.
function takeFromPage(part, frame, isWanted, take) {
  pageDrops.get(part)?.()
  const hide = () => (frame.hidden = true)
  const listeners = {
    dragover: (event) => {
      if (!event.dataTransfer?.types.includes("Files")) return
      event.preventDefault()
      frame.hidden = false
    },
    dragleave: (event) => event.relatedTarget || hide(),
    drop: async (event) => {
      hide()
      if (!event.dataTransfer?.types.includes("Files") || isOwnPlace(event)) return
      event.preventDefault()
      const files = await filesOf(event.dataTransfer, isWanted)
      if (files.length) take(files)
    },
  }
  for (const [name, listen] of Object.entries(listeners)) document.addEventListener(name, listen)
  const end = () => {
    for (const [name, listen] of Object.entries(listeners)) document.removeEventListener(name, listen)
  }
  pageDrops.set(part, end)
  frame.dataset.listens = "yes" // from here on nothing that is dropped is lost
  return end
}

function isOwnPlace(event) {
  return event.composedPath().some((place) => place instanceof Element && place.matches(OWN_PLACES))
}

function endsWith(suffixes) {
  return (file) => suffixes.some((suffix) => file.name.toLowerCase().endsWith(suffix))
}

// Files that were dropped, and the wanted ones in folders that were.
async function filesOf(transfer, isWanted) {
  const entries = [...transfer.items].map((item) => item.webkitGetAsEntry?.()).filter(Boolean)
  if (!entries.length) return [...transfer.files]
  const found = []
  for (const entry of entries) {
    if (entry.isFile) found.push(await fileOf(entry))
    else found.push(...(await filesBelow(entry)).filter(isWanted))
  }
  return found
}

async function filesBelow(folder) {
  const found = []
  const reader = folder.createReader()
  for (;;) {
    const entries = await new Promise((done, failed) => reader.readEntries(done, failed))
    if (!entries.length) return found
    for (const entry of entries) found.push(...(entry.isFile ? [await fileOf(entry)] : await filesBelow(entry)))
  }
}

function fileOf(entry) {
  return new Promise((done, failed) => entry.file(done, failed))
}

// MediaRecorder writes WebM as it comes and never goes back to say how long it became, and without that players cannot seek.
// Here the time of the last block is written into the head; what follows is not copied. Names and numbers: RFC 8794, RFC 9559.
const [SEGMENT, INFO, DURATION] = [0x18538067, 0x1549a966, 0x4489]
const [CLUSTER, CLUSTER_TIME, GROUP, BLOCK, SIMPLE_BLOCK] = [0x1f43b675, 0xe7, 0xa0, 0xa1, 0xa3]
const ENTERED = new Set([SEGMENT, INFO, CLUSTER, GROUP]) // what is in them comes next; all else is passed over
const READ_AT_ONCE = 4 * 2 ** 20 // bytes
const LOOKED_AT = 32 // bytes: an element's head, and as much of what is in it as matters here

async function withDuration(recording) {
  try {
    const found = {}
    let clusterTime = 0
    let last = 0
    for await (const element of elements(recording)) {
      const { id, view, inside, size } = element
      if (id === SEGMENT || id === INFO || id === DURATION) found[id] = element
      if (id === CLUSTER_TIME) clusterTime = whole(view, inside, size)
      if (id === BLOCK || id === SIMPLE_BLOCK) last = Math.max(last, clusterTime + view.getInt16(inside + number(view, inside).length))
    }
    const parts = found[DURATION] ? replaced(recording, found[DURATION], last) : inserted(recording, found[SEGMENT], found[INFO], last)
    return new Blob(parts, { type: recording.type })
  } catch {
    return recording // a file that this does not understand is worth keeping as it came
  }
}

async function* elements(recording) {
  let view = new DataView(new ArrayBuffer(0))
  let start = 0
  for (let at = 0; at < recording.size; ) {
    const end = start + view.byteLength
    if (at + LOOKED_AT > end && end < recording.size) {
      view = new DataView(await recording.slice(at, at + READ_AT_ONCE).arrayBuffer())
      start = at
    }
    const id = number(view, at - start, true)
    const size = number(view, at - start + id.length)
    const data = at + id.length + size.length
    yield { id: id.value, size: size.value, at, sizeAt: at + id.length, data, view, inside: data - start }
    at = ENTERED.has(id.value) ? data : data + size.value
  }
}

// A number that says with its first bits how long it is; in an id they are part of it.
function number(view, at, isId = false) {
  const first = view.getUint8(at)
  const length = Math.clz32(first) - 23
  if (length > 8) throw new Error("no such number")
  return { value: whole(view, at + 1, length - 1, isId ? first : first & (0xff >> length)), length }
}

function whole(view, at, size, value = 0) {
  for (let place = at; place < at + size; place++) value = value * 256 + view.getUint8(place)
  return value
}

function replaced(recording, duration, ticks) {
  return [recording.slice(0, duration.data), float(ticks, duration.size), recording.slice(duration.data + duration.size)]
}

function inserted(recording, segment, info, ticks) {
  const end = info.data + info.size
  const width = segment.data - segment.sizeAt
  const unknown = new Uint8Array(width).fill(0xff).fill(0xff >> (width - 1), 0, 1) // it would be too small by now
  const added = [new Uint8Array([DURATION >> 8, DURATION & 0xff, 0x88]), float(ticks, 8)]
  const size = new DataView(new ArrayBuffer(8))
  size.setBigUint64(0, 2n ** 56n + BigInt(info.size + 11))
  return [
    ...[recording.slice(0, segment.sizeAt), unknown, recording.slice(segment.data, info.sizeAt), size],
    ...[recording.slice(info.data, end), ...added, recording.slice(end)],
  ]
}

function float(value, size) {
  const view = new DataView(new ArrayBuffer(size))
  size === 4 ? view.setFloat32(0, value) : view.setFloat64(0, value)
  return view
}
